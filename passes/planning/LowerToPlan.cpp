//===- LowerToPlan.cpp - The model becomes a program ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/kernel/Layouts.h"
#include "passes/planning/Lowering.h"
#include "passes/planning/Passes.h"
#include "passes/planning/RowOps.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lapidary {
#define GEN_PASS_DEF_LOWERTOPLANPASS
#include "passes/planning/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;
using kernel::EpilogueAttr;
using kernel::GridUnit;
using kernel::GridUnitAttr;
using kernel::RowFormat;

//===----------------------------------------------------------------------===//
// Names of formats
//===----------------------------------------------------------------------===//

RowFormat lapidary::rowFormatOf(gemma::Product product) {
  switch (product) {
  case gemma::Product::F32:
    return RowFormat::F32;
  case gemma::Product::BF16:
    return RowFormat::BF16;
  case gemma::Product::Int8:
    return RowFormat::Q8;
  }
  llvm_unreachable("all products are handled");
}

int64_t lapidary::widthOf(Value value) {
  ArrayRef<int64_t> shape = cast<ShapedType>(value.getType()).getShape();
  return llvm::product_of(shape.drop_front());
}

StringRef lapidary::nameOf(Value weight) {
  Operation *op = weight.getDefiningOp();
  while (op->getNumOperands())
    op = op->getOperand(0).getDefiningOp();
  auto leaf = dyn_cast<gemma::WeightOp>(op);
  return leaf ? leaf.getParam() : op->getName().stripDialect();
}

RowFormat lapidary::readFormat(Value value) {
  std::optional<RowFormat> format;
  for (Operation *reader : value.getUsers()) {
    auto linear = dyn_cast<gemma::LinearOp>(reader);
    if (!linear || linear.getNormWeight() || linear.getResidual() == value)
      return RowFormat::F32;
    RowFormat own = rowFormatOf(linear.getProduct());
    if (format && *format != own)
      return RowFormat::F32;
    format = own;
  }
  return format.value_or(RowFormat::F32);
}

std::string lapidary::numberKey(FloatAttr number) {
  return number ? llvm::utohexstr(
                      number.getValue().bitcastToAPInt().getZExtValue())
                : "none";
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

Value Lowering::buffer(StringRef name, int64_t width, RowFormat format,
                       int64_t times) {
  auto type = kernel::RowsType::get(module.getContext(), width, format);
  return plan::BufferOp::create(body, model.getLoc(), type, name, IntegerAttr(),
                                times, IntegerAttr());
}

Value Lowering::recipe(Value weight) {
  if (!recipes.contains(weight)) {
    Operation *op = weight.getDefiningOp();
    for (Value operand : op->getOperands())
      (void)recipe(operand);
    body.clone(*op, recipes);
  }
  return recipes.lookup(weight);
}

Value Lowering::packed(Value weight, int64_t stack) {
  auto type = cast<ShapedType>(weight.getType());
  Type packedType;
  MLIRContext *context = module.getContext();
  if (type.getRank() == 1) {
    packedType = kernel::VectorType::get(context, type.getDimSize(0));
  } else {
    kernel::WeightFormat format = plan::packedFormat(type.getElementType());
    int64_t rows = type.getDimSize(0), columns = type.getDimSize(1), of = 0;
    if (shared.isInPlanes(weight)) {
      packedType = kernel::WeightType::get(context, rows, columns,
                                           kernel::WeightFormat::Planes);
    } else if (shared.isOnlyLookedUp(weight)) {
      packedType = kernel::TableType::get(context, rows, columns, format);
    } else {
      if (stack == 1)
        weight = shared.findWhole(weight);
      if (int64_t whole = widthOf(weight); whole != columns)
        of = whole;
      packedType = kernel::WeightType::get(context, rows / stack, columns,
                                           format, stack, of);
    }
  }
  return plan::PackOp::create(body, weight.getLoc(), packedType, recipe(weight),
                              IntegerAttr());
}

Value Lowering::place(Value value, StringRef name) {
  int64_t width = widthOf(value);
  // What others read too is copied at the end.
  auto end = value.hasOneUse() ? dyn_cast<func::ReturnOp>(*value.user_begin())
                               : func::ReturnOp();
  if (!end)
    return buffer(name, width, RowFormat::F32);
  return result(value.use_begin()->getOperandNumber(), width);
}

Value Lowering::result(unsigned number, int64_t width) {
  return plan::ResultOp::create(
      body, model.getLoc(),
      kernel::RowsType::get(module.getContext(), width, RowFormat::Dense),
      number);
}

Value Lowering::offset(int64_t bytes) {
  return plan::OffsetOp::create(body, model.getLoc(),
                                kernel::OffsetType::get(module.getContext()),
                                bytes);
}

Value Lowering::pagesOf(StringRef cache) {
  plan::CacheOp group = shared.getCache(cache).group;
  return plan::PagesOp::create(body, model.getLoc(),
                               kernel::PagesType::get(module.getContext()),
                               FlatSymbolRefAttr::get(group.getSymNameAttr()));
}

Value Lowering::offsetOf(StringRef cache) {
  return offset(shared.getCache(cache).offset);
}

Value Lowering::step(plan::StepList list) {
  MLIRContext *context = module.getContext();
  return plan::StepListOp::create(body, model.getLoc(),
                                  kernel::ListType::get(context),
                                  plan::StepListAttr::get(context, list));
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

void Lowering::dispatch(StringRef name, const Twine &key, ValueRange operands,
                        GridUnit unit, int64_t slices, StringRef label,
                        BodyBuilder build) {
  std::string full = (name + "|" + key + "|" + stringifyGridUnit(unit)).str();
  llvm::raw_string_ostream stream(full);
  llvm::interleaveComma(operands.getTypes(), stream);
  SmallVector<Type> types(operands.getTypes());
  StringRef kernel = shared.getKernel(name, full, types, unit, slices, build);
  plan::DispatchOp::create(body, model.getLoc(), kernel, operands, label,
                           purpose);
}

void Lowering::dispatchRows(const RowsDispatch &rows, RowsBuilder build) {
  // Per input its buffer and, for some of its columns, where they begin.
  SmallVector<Value> operands;
  SmallVector<int64_t> widths;
  SmallVector<bool> sliced;
  std::string key = rows.key;
  for (Value input : rows.inputs) {
    View view = views.lookup(input);
    operands.push_back(view.buffer);
    widths.push_back(widthOf(input));
    sliced.push_back(widths.back() !=
                     cast<kernel::RowsType>(view.buffer.getType()).getWidth());
    if (sliced.back()) {
      operands.push_back(offset(view.column * sizeof(float)));
      key += "@" + std::to_string(widths.back());
    }
  }
  if (rows.list)
    operands.push_back(rows.list);
  llvm::append_range(operands, rows.places);
  llvm::append_range(operands, rows.results);
  dispatch(rows.name, key, operands, rows.unit, 1, rows.label,
           [&](OpBuilder &b, ValueRange arguments) {
             SmallVector<std::pair<Value, Value>> sources;
             for (bool isSliced : sliced) {
               Value offset = isSliced ? arguments[1] : Value();
               sources.push_back({arguments.front(), offset});
               arguments = arguments.drop_front(isSliced ? 2 : 1);
             }
             Value list = rows.list ? arguments.front() : Value();
             arguments = arguments.drop_front(rows.list ? 1 : 0);
             SmallVector<Value> loaded;
             for (auto [source, width] : llvm::zip_equal(sources, widths))
               loaded.push_back(kernel::LoadOp::create(
                   b, model.getLoc(),
                   kernel::RowType::get(module.getContext(), width),
                   source.first, list, source.second));
             SmallVector<Value> results =
                 build(b, loaded, arguments.take_front(rows.places.size()));
             for (auto [row, place] : llvm::zip_equal(
                      results, arguments.drop_front(rows.places.size())))
               kernel::StoreOp::create(b, model.getLoc(), row, place);
           });
}

Value Lowering::rowsIn(RowFormat format, Value value, StringRef label,
                       Value normWeight, gemma::NormAttr norm) {
  View view = views.lookup(value);
  auto type = cast<kernel::RowsType>(view.buffer.getType());
  int64_t width = widthOf(value);
  if (!normWeight && type.getFormat() == format && type.getWidth() == width)
    return view.buffer;
  Value &input =
      inputs[{value.getAsOpaquePointer(), normWeight.getAsOpaquePointer(),
              norm.getAsOpaquePointer(), format}];
  if (input)
    return input;
  input = buffer("input", width, format);
  std::string suffix = (Twine(width) + "_" + stringifyRowFormat(format)).str();
  if (!normWeight) {
    std::string name = "convert_" + suffix;
    dispatchRows({name, "", label, unitOf(value), {value}, {}, {}, {input}},
                 [](OpBuilder &, ValueRange rows,
                    ValueRange) -> SmallVector<Value> { return {rows[0]}; });
    return input;
  }
  std::string name = "norm_" + suffix;
  dispatchRows({name,
                numberKey(norm.getEpsilon()),
                nameOf(normWeight),
                unitOf(value),
                {value},
                {},
                {packed(normWeight)},
                {input}},
               [&](OpBuilder &b, ValueRange rows,
                   ValueRange places) -> SmallVector<Value> {
                 return {kernel::RmsNormOp::create(
                     b, model.getLoc(), rows[0], places[0], norm.getEpsilon())};
               });
  return input;
}

void Lowering::product(Value input, Value weight, Value result, GridUnit rows,
                       kernel::Epilogue epilogue, FloatAttr softcap,
                       StringRef label, Value routing, bool upper,
                       Value among) {
  MLIRContext *context = module.getContext();
  int64_t experts =
      routing ? cast<kernel::RoutingType>(routing.getType()).getExperts() : 1;
  Value matrix = packed(weight, experts);
  auto type = cast<kernel::WeightType>(matrix.getType());
  bool gated = epilogue == kernel::Epilogue::GeluMul;
  std::string name = (Twine(routing ? "experts_" : "") +
                      (upper ? "upper_" : "") + (gated ? "gated_" : "linear_") +
                      stringifyWeightFormat(type.getFormat()) + "_" +
                      Twine(type.getColumns()) + "x" + Twine(type.getRows()))
                         .str();
  int64_t slices = llvm::divideCeil(type.getRows(), kernel::kSliceRows);
  // Half as wide, a gated product still writes its row's padding.
  if (gated)
    slices = kernel::padded(type.getRows() / 2) / (kernel::kSliceRows / 2);
  SmallVector<Value> operands = {input, matrix, result};
  if (Value last = routing ? routing : among)
    operands.push_back(last);
  dispatch(name,
           Twine(stringifyGridUnit(rows)) + numberKey(softcap) +
               (upper ? "upper" : ""),
           operands, GridUnit::One, experts * slices, label,
           [&](OpBuilder &b, ValueRange arguments) {
             kernel::MatmulOp::create(b, model.getLoc(), arguments[0],
                                      arguments[1], arguments[2],
                                      GridUnitAttr::get(context, rows),
                                      EpilogueAttr::get(context, epilogue),
                                      softcap, routing ? arguments[3] : Value(),
                                      among ? arguments[3] : Value(),
                                      upper ? b.getUnitAttr() : UnitAttr());
           });
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

void Lowering::lowerEmbed(gemma::EmbedOp op) {
  int64_t width = widthOf(op.getResult());
  Value rows = place(op.getResult(), "embed");
  define(op.getResult(), {rows}, GridUnit::Row);
  auto rowType = kernel::RowType::get(module.getContext(), width);
  IntegerAttr fallback = op.getFallbackAttr();
  std::string name = "embed_" + std::to_string(width);
  std::string key = numberKey(op.getScaleAttr());
  if (fallback)
    key += "or" + std::to_string(fallback.getInt());
  dispatchRows(
      {name,
       key,
       nameOf(op.getTable()),
       GridUnit::Row,
       {},
       {},
       {step(plan::StepList::Tokens), packed(op.getTable())},
       {rows}},
      [&](OpBuilder &b, ValueRange, ValueRange places) -> SmallVector<Value> {
        return {kernel::EmbedOp::create(b, op.getLoc(), rowType, places[0],
                                        places[1], op.getScaleAttr(),
                                        fallback)};
      });
}

void Lowering::lowerSubstitute(gemma::SubstituteOp op) {
  int64_t width = widthOf(op.getResult());
  Value rows = place(op.getResult(), "substitute");
  std::string name = "substitute_" + std::to_string(width);
  dispatchRows({name,
                std::to_string(op.getToken()),
                nameOf(op.getRow()),
                GridUnit::Row,
                {op.getInput()},
                {},
                {step(plan::StepList::Tokens), packed(op.getRow())},
                {rows}},
               [&](OpBuilder &b, ValueRange rows,
                   ValueRange places) -> SmallVector<Value> {
                 return {kernel::SubstituteOp::create(b, op.getLoc(), rows[0],
                                                      places[0], op.getToken(),
                                                      places[1])};
               });
  define(op.getResult(), {rows}, GridUnit::Row);
}

void Lowering::lowerSelectRows(gemma::SelectRowsOp op) {
  Value rows = place(op.getResult(), "wanted");
  std::string name = "select_" + std::to_string(widthOf(op.getResult()));
  dispatchRows({name,
                "",
                "wanted rows",
                GridUnit::Wanted,
                {op.getInput()},
                step(plan::StepList::Wanted),
                {},
                {rows}},
               [](OpBuilder &, ValueRange rows,
                  ValueRange) -> SmallVector<Value> { return {rows[0]}; });
  define(op.getResult(), {rows}, GridUnit::Wanted);
}

void Lowering::lowerMeanRows(gemma::MeanRowsOp op) {
  int64_t width = widthOf(op.getResult());
  Value rows = place(op.getResult(), "mean");
  std::string name = "mean_" + std::to_string(width);
  auto rowType = kernel::RowType::get(module.getContext(), width);
  dispatchRows(
      {name,
       "",
       "mean of rows",
       GridUnit::Wanted,
       {},
       {},
       {rowsIn(RowFormat::F32, op.getInput(), "mean of rows"),
        step(plan::StepList::Wanted), step(plan::StepList::Positions),
        step(plan::StepList::Ends)},
       {rows}},
      [&](OpBuilder &b, ValueRange, ValueRange places) -> SmallVector<Value> {
        return {kernel::MeanOp::create(b, op.getLoc(), rowType, places[0],
                                       places[1], places[2], places[3])};
      });
  define(op.getResult(), {rows}, GridUnit::Wanted);
}

void Lowering::lowerSplitHeads(gemma::SplitHeadsOp op) {
  View view = views.lookup(op.getInput());
  for (Value heads : op.getResults()) {
    define(heads, view, unitOf(op.getInput()));
    view.column += widthOf(heads);
  }
}

void Lowering::lowerSliceColumns(gemma::SliceColumnsOp op) {
  View view = views.lookup(op.getInput());
  view.column += op.getFromAttr().getInt();
  define(op.getResult(), view, unitOf(op.getInput()));
}

/// What tells apart operations of one name and one set of types.
static std::string constantsOf(Operation *op) {
  std::string key;
  llvm::raw_string_ostream stream(key);
  stream << op->getAttrDictionary();
  if (auto rope = dyn_cast<gemma::RopeOp>(op))
    stream << rope.getType().getDimSize(2);
  return key;
}

void Lowering::lowerRowOp(Operation *op) {
  RowsDispatch rows;
  std::string name =
      (op->getName().stripDialect() + "_" + Twine(widthOf(op->getResult(0))))
          .str();
  rows.name = rows.label = name;
  rows.key = constantsOf(op);
  rows.unit = unitOf(op->getOperand(0));
  for (Value operand : op->getOperands())
    if (cast<ShapedType>(operand.getType()).getRank() == 1) {
      rows.places.push_back(packed(operand));
      rows.label = nameOf(operand);
    } else {
      rows.inputs.push_back(operand);
    }
  for (Value result : op->getResults()) {
    rows.results.push_back(place(result, op->getName().stripDialect()));
    define(result, {rows.results.back()}, rows.unit);
  }
  dispatchRows(rows, [&](OpBuilder &b, ValueRange rows, ValueRange places) {
    return createRowOp(b, op, rows, places);
  });
}

Value Lowering::frequenciesOf(gemma::RotationAttr rotation) {
  Value &known = frequencies[rotation];
  if (!known)
    known = plan::RopeFrequenciesOp::create(
        body, module.getLoc(),
        kernel::VectorType::get(module.getContext(), rotation.getWidth() / 2),
        rotation.getBase(), rotation.getFactor(),
        body.getI64IntegerAttr(rotation.getPairs()), IntegerAttr());
  return known;
}

void Lowering::lowerRopeTable(gemma::RopeTableOp op) {
  int64_t width = widthOf(op.getResult());
  Value rows = buffer("rope", width, RowFormat::F32);
  define(op.getResult(), {rows}, GridUnit::Row);
  Value frequencies = frequenciesOf(gemma::RotationAttr::get(
      module.getContext(), width, op.getBaseAttr(), op.getFactorAttr(),
      op.getPairs().value_or(width / 2)));
  std::string name = "rope_table_" + std::to_string(width);
  auto rowType = kernel::RowType::get(module.getContext(), width);
  dispatchRows(
      {name,
       "ahead" + std::to_string(op.getAhead()),
       "rope",
       GridUnit::Row,
       {},
       {},
       {step(plan::StepList::Positions), frequencies},
       {rows}},
      [&](OpBuilder &b, ValueRange, ValueRange places) -> SmallVector<Value> {
        return {kernel::RopeTableOp::create(b, op.getLoc(), rowType, places[0],
                                            places[1], op.getAhead())};
      });
}

void Lowering::lowerLinear(gemma::LinearOp op) {
  StringRef label = nameOf(op.getWeight());
  GridUnit unit = unitOf(op.getInput());
  Value input = rowsIn(rowFormatOf(op.getProduct()), op.getInput(), label,
                       op.getNormWeight(), op.getNormAttr());
  if (isHead(op) && unit == GridUnit::Wanted)
    return lowerHead(op, input);
  Value residual = op.getResidual();
  bool isLast = !op.getPostNormWeight() && !residual;
  Value result =
      isLast ? place(op.getResult(), "product")
             : buffer("product", widthOf(op.getResult()), RowFormat::F32);
  product(input, op.getWeight(), result, unit, kernel::Epilogue::None,
          op.getSoftcapAttr(), label);
  define(op.getResult(), {result}, unit);
  if (isLast)
    return;

  // What follows the product needs whole rows of it.
  RowsDispatch rows;
  gemma::NormAttr norm = op.getPostNormAttr();
  std::string name = (Twine(norm ? "norm_" : "") + (residual ? "add_" : "") +
                      Twine(widthOf(op.getResult())))
                         .str();
  rows.name = name;
  rows.label = label;
  rows.unit = unit;
  rows.inputs = {op.getResult()};
  if (residual)
    rows.inputs.push_back(residual);
  if (norm) {
    rows.key = numberKey(norm.getEpsilon());
    rows.places = {packed(op.getPostNormWeight())};
    rows.label = nameOf(op.getPostNormWeight());
  }
  Value out = place(op.getResult(), "residual");
  rows.results = {out};
  dispatchRows(rows,
               [&](OpBuilder &b, ValueRange rows,
                   ValueRange places) -> SmallVector<Value> {
                 Value row = rows[0];
                 if (norm)
                   row = kernel::RmsNormOp::create(
                       b, op.getLoc(), row, places[0], norm.getEpsilon());
                 if (residual)
                   row = kernel::AddOp::create(b, op.getLoc(), rows[1], row);
                 return {row};
               });
  define(op.getResult(), {out}, unit);
}

void Lowering::lowerGatedLinear(gemma::GatedLinearOp op) {
  StringRef label = nameOf(op.getWeight());
  GridUnit unit = unitOf(op.getInput());
  Value input = rowsIn(rowFormatOf(op.getProduct()), op.getInput(), label,
                       op.getNormWeight(), op.getNormAttr());
  Value result =
      buffer("gated", widthOf(op.getResult()), readFormat(op.getResult()));
  product(input, op.getWeight(), result, unit, kernel::Epilogue::GeluMul,
          FloatAttr(), label);
  define(op.getResult(), {result}, unit);
}

//===----------------------------------------------------------------------===//
// What no kernel does
//===----------------------------------------------------------------------===//

/// The runtime calls with tokens, a batch and rows, and has room for rows.
static LogicalResult checkSignature(func::FuncOp model) {
  FunctionType type = model.getFunctionType();
  auto isRows = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() == 2 && tensor.isDynamicDim(0) &&
           tensor.getElementType().isF32();
  };
  auto tokens = type.getNumInputs() < 2
                    ? RankedTensorType()
                    : dyn_cast<RankedTensorType>(type.getInput(0));
  if (tokens && tokens.getElementType().isInteger(32) &&
      isa<gemma::BatchType>(type.getInput(1)) &&
      llvm::all_of(type.getInputs().drop_front(2), isRows) &&
      llvm::all_of(type.getResults(), isRows))
    return success();
  return model.emitOpError("expects the type (tensor<?xi32>, !gemma.batch, "
                           "rows, ...) -> (rows, ...), but it is ")
         << type;
}

/// Rows that the caller gives.
void Lowering::defineInputs() {
  for (BlockArgument argument : model.getArguments().drop_front(2)) {
    auto type = kernel::RowsType::get(module.getContext(), widthOf(argument),
                                      RowFormat::F32);
    Value rows = plan::InputOp::create(body, model.getLoc(), type,
                                       argument.getArgNumber() - 2);
    define(argument, {rows}, GridUnit::Row);
  }
}

LogicalResult Lowering::lowerReturn(func::ReturnOp op) {
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    if (!wanted.contains(value))
      return op.emitOpError("expects rows for the wanted ones");
    if (views.lookup(value).buffer.getDefiningOp<plan::ResultOp>())
      continue;
    Value place = result(operand.getOperandNumber(), widthOf(value));
    std::string name = "copy_" + std::to_string(widthOf(value));
    dispatchRows(
        {name, "", "result", GridUnit::Wanted, {value}, {}, {}, {place}},
        [](OpBuilder &, ValueRange rows, ValueRange) -> SmallVector<Value> {
          return {rows[0]};
        });
  }
  return success();
}

/// Kernels multiply by a norm's weight as it is.
static LogicalResult checkNorms(Operation &op) {
  for (NamedAttribute attribute : op.getAttrs()) {
    auto norm = dyn_cast<gemma::NormAttr>(attribute.getValue());
    if (norm && !norm.getWeightOffset().getValue().isZero())
      return op.emitOpError("has a weight offset in '")
             << attribute.getName().getValue()
             << "'; run the simplify pipeline before planning";
  }
  return success();
}

LogicalResult Lowering::lower(Operation &op) {
  if (failed(checkNorms(op)))
    return failure();
  if (gemma::isWeightOp(&op))
    return success();
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case([&](func::ReturnOp op) { return lowerReturn(op); })
      .Case([&](gemma::PastOp op) {
        cacheOf[op.getResult()] = op.getCache();
        return success();
      })
      .Case([&](gemma::EmbedOp op) { return lowerEmbed(op), success(); })
      .Case([&](gemma::SubstituteOp op) {
        return lowerSubstitute(op), success();
      })
      .Case([&](gemma::SelectRowsOp op) {
        return lowerSelectRows(op), success();
      })
      .Case([&](gemma::MeanRowsOp op) { return lowerMeanRows(op), success(); })
      .Case([&](gemma::SplitHeadsOp op) {
        return lowerSplitHeads(op), success();
      })
      .Case([&](gemma::SliceColumnsOp op) {
        return lowerSliceColumns(op), success();
      })
      .Case(
          [&](gemma::RopeTableOp op) { return lowerRopeTable(op), success(); })
      .Case([&](gemma::LinearOp op) { return lowerLinear(op), success(); })
      .Case([&](gemma::GatedLinearOp op) {
        return lowerGatedLinear(op), success();
      })
      .Case([&](gemma::RouteOp op) { return lowerRoute(op), success(); })
      .Case([&](gemma::ExpertsOp op) { return lowerExperts(op), success(); })
      .Case([&](gemma::ClusteredLinearOp op) {
        return lowerClusteredLinear(op), success();
      })
      .Case([&](gemma::AppendOp op) {
        lowerAppend(op.getResult(), op.getCache(),
                    {op.getKey(), op.getValue()});
        return success();
      })
      .Case([&](gemma::AppendValuesOp op) {
        return lowerAppend(op.getResult(), op.getCache(), op.getValue()),
               success();
      })
      .Case(
          [&](gemma::AttentionOp op) { return lowerAttention(op), success(); })
      .Case([&](gemma::BlockLinearOp op) {
        return lowerBlockLinear(op), success();
      })
      .Case([&](gemma::CausalConvOp op) {
        return lowerCausalConv(op), success();
      })
      .Case([&](gemma::RgLruOp op) { return lowerRgLru(op), success(); })
      .Case<gemma::RmsNormOp, gemma::ScaleOp, gemma::ScaleByOp, gemma::BiasOp,
            gemma::GeluOp, gemma::SoftcapOp, gemma::GaussianTopKOp,
            gemma::MulOp, gemma::AddOp, gemma::L2NormOp, gemma::MatchRmsOp,
            gemma::RopeOp, gemma::AltupPredictOp, gemma::AltupCorrectOp>(
          [&](Operation *op) { return lowerRowOp(op), success(); })
      .Default([](Operation *op) { return op->emitOpError("has no kernel"); });
}

/// Whether rows see later ones of their step, which then holds whole sequences.
static bool seesAhead(func::FuncOp model) {
  return llvm::any_of(model.getOps<gemma::AttentionOp>(),
                      [](gemma::AttentionOp op) {
                        return op.getBidirectional() &&
                               !op.getKv().getDefiningOp<gemma::PastOp>();
                      });
}

static int64_t longestSequence(ModuleOp module) {
  auto config =
      module->getAttrOfType<gemma::ConfigAttr>(gemma::kConfigAttrName);
  return config ? config.getMaxPositions() : 0;
}

LogicalResult Lowering::run(const RowRange &rows, int64_t blockRows) {
  OpBuilder programs(model);
  StringRef function = model.getSymName();
  auto program = plan::ProgramOp::create(
      programs, model.getLoc(), (function + rows.suffix).str(), rows.min,
      rows.max, blockRows, IntegerAttr(), /*limit=*/false,
      rows.suffix.empty() ? StringAttr() : body.getStringAttr(function));
  inStrands = rows.inStrands;
  body.setInsertionPointToStart(&program.getBody().emplaceBlock());
  shared.enter(program);
  defineInputs();
  for (Operation &op : model.getBody().front())
    if (failed(lower(op)))
      return failure();
  return success();
}

/// Up to so many rows of a step are too few to occupy all threads each with
/// its own.
static constexpr int64_t kFewRows = 8;

/// The programs of `model`, by rows of a step.
static SmallVector<RowRange> rangesOf(func::FuncOp model, int64_t maxRows,
                                      int64_t pageTokens) {
  if (seesAhead(model))
    return {{1, std::max(maxRows,
                         longestSequence(model->getParentOfType<ModuleOp>()))}};
  if (maxRows <= kFewRows ||
      llvm::none_of(model.getOps<gemma::AttentionOp>(),
                    [&](auto op) { return hasStrands(op, pageTokens); }))
    return {{1, maxRows}};
  return {{1, kFewRows, "_few", /*inStrands=*/true}, {kFewRows + 1, maxRows}};
}

namespace {
struct LowerToPlanPass final
    : lapidary::impl::LowerToPlanPassBase<LowerToPlanPass> {
  using Base::Base;

  void runOnOperation() override {
    auto format = kernel::symbolizeKvFormat(kv);
    if (!format) {
      emitError(getOperation().getLoc())
          << "keys and values can be f32, bf16 or int8, not '" << kv << "'";
      return signalPassFailure();
    }
    auto models = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    if (models.empty()) {
      emitError(getOperation().getLoc())
          << "expects a function, the model, but there is none";
      return signalPassFailure();
    }
    SharedPlan shared(getOperation(), *format, pageTokens);
    for (func::FuncOp model : models) {
      if (failed(checkSignature(model)))
        return signalPassFailure();
      for (const RowRange &rows : rangesOf(model, maxRows, pageTokens))
        if (failed(Lowering(shared, model).run(rows, blockRows)))
          return signalPassFailure();
    }
    for (func::FuncOp model : models)
      model.erase();
  }
};
} // namespace
