//===- LowerToPlan.cpp - The model becomes a program ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Goes through the fused model once, in order. Row-wise work around a product
// (norms, conversions, residuals) becomes row kernels before and after it.
#include "dialects/kernel/Layouts.h"
#include "passes/planning/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

#include <map>
#include <set>

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

namespace {

/// Where a layer's keys and values are: a cache group and bytes into its pages.
struct CachePlace {
  plan::CacheOp group;
  gemma::KvType type;
  int64_t offset;
};

class Lowering {
public:
  Lowering(ModuleOp module, func::FuncOp model, kernel::KvFormat kv,
           int64_t pageTokens)
      : module(module), model(model), kv(kv), pageTokens(pageTokens),
        kernels(module.getContext()), body(module.getContext()) {}

  LogicalResult run(int64_t maxRows, int64_t blockRows);

private:
  using BodyBuilder = llvm::function_ref<void(OpBuilder &, ValueRange)>;

  void createCaches();
  LogicalResult lower(Operation &op);
  void lowerEmbed(gemma::EmbedOp op);
  void lowerSelectRows(gemma::SelectRowsOp op);
  void lowerRopeTable(gemma::RopeTableOp op);
  void lowerLinear(gemma::LinearOp op);
  void lowerGatedLinear(gemma::GatedLinearOp op);
  void lowerAttention(gemma::QkvAttentionOp op);
  LogicalResult checkReturn(func::ReturnOp op);

  /// The kernel that `key` describes; `build` fills its body when it is new.
  StringRef getKernel(StringRef name, StringRef key, ArrayRef<Type> arguments,
                      GridUnit unit, int64_t slices, BodyBuilder build);
  void dispatch(StringRef name, const Twine &key, ValueRange operands,
                GridUnit unit, int64_t slices, StringRef label,
                BodyBuilder build);

  Value buffer(StringRef name, int64_t width, RowFormat format);
  Value packed(Value weight);
  Value step(plan::StepList list);
  /// The rows of `value` as products of type `product` read them, normalized
  /// first when there is a norm. Shared by all who ask for the same.
  Value productInput(Value value, Value normWeight, gemma::NormAttr norm,
                     gemma::Product product, StringRef label);
  /// Emits the product and returns its rows.
  Value product(Value input, Value weight, Value result, GridUnit rows,
                kernel::Epilogue epilogue, FloatAttr softcap, StringRef label);
  /// Wanted once `value` comes after a `gemma.select_rows`, else Row.
  GridUnit unitOf(Value value) {
    return wanted.contains(value) ? GridUnit::Wanted : GridUnit::Row;
  }

  ModuleOp module;
  func::FuncOp model;
  kernel::KvFormat kv;
  int64_t pageTokens;
  OpBuilder kernels, body;
  llvm::StringMap<kernel::FuncOp> kernelsByKey;
  std::set<std::string> kernelNames;
  llvm::StringMap<CachePlace> caches;
  /// Weight values of the model to their clones in the program.
  IRMapping recipes;
  /// Activations of the model to buffers.
  llvm::DenseMap<Value, Value> buffers;
  llvm::DenseSet<Value> wanted;
  /// Product inputs by (activation, norm weight, norm, format).
  std::map<std::tuple<void *, void *, const void *, RowFormat>, Value> inputs;
};

} // namespace

//===----------------------------------------------------------------------===//
// Names of formats
//===----------------------------------------------------------------------===//

static RowFormat rowFormatOf(gemma::Product product) {
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

static int64_t widthOf(Value value) {
  return cast<ShapedType>(value.getType()).getShape().back();
}

/// The name of the parameter that a weight is made of first, to label by.
static StringRef nameOf(Value weight) {
  while (Operation *op = weight.getDefiningOp()) {
    if (auto leaf = dyn_cast<gemma::WeightOp>(op))
      return leaf.getParam();
    weight = op->getOperand(0);
  }
  return "";
}

/// The format in which all readers of `value` multiply; float32 when they
/// differ or do something else with it first.
static RowFormat readFormat(Value value) {
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

static std::string numberKey(FloatAttr number) {
  return number ? llvm::utohexstr(
                      number.getValue().bitcastToAPInt().getZExtValue())
                : "none";
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

void Lowering::createCaches() {
  std::map<int64_t, plan::CacheOp> byWindow;
  for (auto cache : module.getOps<gemma::CacheOp>()) {
    int64_t window = cache.getWindow();
    plan::CacheOp &group = byWindow[window];
    if (!group)
      group = plan::CacheOp::create(kernels, cache.getLoc(),
                                    window ? "window_" + std::to_string(window)
                                           : "full",
                                    window, pageTokens, 0);
    auto type = cast<gemma::KvType>(cache.getType());
    int64_t offset = group.getPageBytes();
    caches[cache.getSymName()] = {group, type, offset};
    group.setPageBytes(offset + kernel::layerPageBytes(type.getHeads(),
                                                       type.getDim(),
                                                       pageTokens, kv));
  }
}

Value Lowering::buffer(StringRef name, int64_t width, RowFormat format) {
  auto type = kernel::RowsType::get(module.getContext(), width, format);
  return plan::BufferOp::create(body, model.getLoc(), type, name,
                                IntegerAttr());
}

Value Lowering::packed(Value weight) {
  if (!recipes.contains(weight)) {
    Operation *op = weight.getDefiningOp();
    for (Value operand : op->getOperands())
      if (!recipes.contains(operand))
        (void)packed(operand);
    body.clone(*op, recipes);
  }
  auto type = cast<ShapedType>(weight.getType());
  Type packedType;
  if (type.getRank() == 1)
    packedType =
        kernel::VectorType::get(module.getContext(), type.getDimSize(0));
  else
    packedType = kernel::WeightType::get(
        module.getContext(), type.getDimSize(0), type.getDimSize(1),
        plan::packedFormat(type.getElementType()));
  return plan::PackOp::create(body, weight.getLoc(), packedType,
                              recipes.lookup(weight), IntegerAttr());
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

StringRef Lowering::getKernel(StringRef name, StringRef key,
                              ArrayRef<Type> arguments, GridUnit unit,
                              int64_t slices, BodyBuilder build) {
  kernel::FuncOp &func = kernelsByKey[key];
  if (func)
    return func.getSymName();
  std::string unique = name.str();
  for (int i = 2; !kernelNames.insert(unique).second; ++i)
    unique = (name + "_" + Twine(i)).str();
  func = kernel::FuncOp::create(kernels, model.getLoc(), unique, arguments,
                                unit, slices);
  OpBuilder builder = OpBuilder::atBlockBegin(&func.getBody().front());
  build(builder, func.getBody().getArguments());
  return func.getSymName();
}

void Lowering::dispatch(StringRef name, const Twine &key, ValueRange operands,
                        GridUnit unit, int64_t slices, StringRef label,
                        BodyBuilder build) {
  std::string full = (name + "|" + key + "|" + stringifyGridUnit(unit)).str();
  llvm::raw_string_ostream stream(full);
  llvm::interleaveComma(operands.getTypes(), stream);
  SmallVector<Type> types(operands.getTypes());
  StringRef kernel = getKernel(name, full, types, unit, slices, build);
  plan::DispatchOp::create(body, model.getLoc(), kernel, operands, label);
}

Value Lowering::productInput(Value value, Value normWeight,
                             gemma::NormAttr norm, gemma::Product product,
                             StringRef label) {
  RowFormat format = rowFormatOf(product);
  Value rows = buffers.lookup(value);
  auto type = cast<kernel::RowsType>(rows.getType());
  if (!normWeight && type.getFormat() == format)
    return rows;
  Value &input =
      inputs[{value.getAsOpaquePointer(), normWeight.getAsOpaquePointer(),
              norm.getAsOpaquePointer(), format}];
  if (input)
    return input;
  int64_t width = type.getWidth();
  input = buffer("input", width, format);
  auto rowType = kernel::RowType::get(module.getContext(), width);
  std::string suffix = (Twine(width) + "_" + stringifyRowFormat(format)).str();
  if (!normWeight) {
    dispatch("convert_" + suffix, "", {rows, input}, unitOf(value), 1, label,
             [&](OpBuilder &b, ValueRange arguments) {
               Location loc = model.getLoc();
               Value row = kernel::LoadOp::create(b, loc, rowType, arguments[0],
                                                  Value());
               kernel::StoreOp::create(b, loc, row, arguments[1]);
             });
    return input;
  }
  dispatch("norm_" + suffix, numberKey(norm.getEpsilon()),
           {rows, packed(normWeight), input}, unitOf(value), 1,
           nameOf(normWeight), [&](OpBuilder &b, ValueRange arguments) {
             Location loc = model.getLoc();
             Value row =
                 kernel::LoadOp::create(b, loc, rowType, arguments[0], Value());
             row = kernel::RmsNormOp::create(b, loc, row, arguments[1],
                                             norm.getEpsilon());
             kernel::StoreOp::create(b, loc, row, arguments[2]);
           });
  return input;
}

Value Lowering::product(Value input, Value weight, Value result, GridUnit rows,
                        kernel::Epilogue epilogue, FloatAttr softcap,
                        StringRef label) {
  MLIRContext *context = module.getContext();
  Value matrix = packed(weight);
  auto type = cast<kernel::WeightType>(matrix.getType());
  bool gated = epilogue == kernel::Epilogue::GeluMul;
  std::string name = (Twine(gated ? "gated_" : "linear_") +
                      stringifyWeightFormat(type.getFormat()) + "_" +
                      Twine(type.getColumns()) + "x" + Twine(type.getRows()))
                         .str();
  int64_t slices = llvm::divideCeil(type.getRows(), kernel::kSliceRows);
  // Half as wide, a gated product still writes its row's padding.
  if (gated)
    slices = kernel::padded(type.getRows() / 2) / (kernel::kSliceRows / 2);
  dispatch(name, Twine(stringifyGridUnit(rows)) + numberKey(softcap),
           {input, matrix, result}, GridUnit::One, slices, label,
           [&](OpBuilder &b, ValueRange arguments) {
             kernel::MatmulOp::create(
                 b, model.getLoc(), arguments[0], arguments[1], arguments[2],
                 GridUnitAttr::get(context, rows),
                 EpilogueAttr::get(context, epilogue), softcap);
           });
  return result;
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

void Lowering::lowerEmbed(gemma::EmbedOp op) {
  int64_t width = widthOf(op.getResult());
  Value table = packed(op.getTable());
  Value rows = buffers[op.getResult()] = buffer("embed", width, RowFormat::F32);
  auto rowType = kernel::RowType::get(module.getContext(), width);
  dispatch("embed_" + std::to_string(width), numberKey(op.getScaleAttr()),
           {step(plan::StepList::Tokens), table, rows}, GridUnit::Row, 1,
           nameOf(op.getTable()), [&](OpBuilder &b, ValueRange arguments) {
             Value row =
                 kernel::EmbedOp::create(b, op.getLoc(), rowType, arguments[0],
                                         arguments[1], op.getScaleAttr());
             kernel::StoreOp::create(b, op.getLoc(), row, arguments[2]);
           });
}

void Lowering::lowerSelectRows(gemma::SelectRowsOp op) {
  int64_t width = widthOf(op.getResult());
  Value rows = buffers[op.getResult()] =
      buffer("wanted", width, RowFormat::F32);
  wanted.insert(op.getResult());
  auto rowType = kernel::RowType::get(module.getContext(), width);
  dispatch("select_" + std::to_string(width), "",
           {buffers.lookup(op.getInput()), step(plan::StepList::Wanted), rows},
           GridUnit::Wanted, 1, "wanted rows",
           [&](OpBuilder &b, ValueRange arguments) {
             Value row = kernel::LoadOp::create(b, op.getLoc(), rowType,
                                                arguments[0], arguments[1]);
             kernel::StoreOp::create(b, op.getLoc(), row, arguments[2]);
           });
}

void Lowering::lowerRopeTable(gemma::RopeTableOp op) {
  int64_t width = widthOf(op.getResult());
  Value rows = buffers[op.getResult()] = buffer("rope", width, RowFormat::F32);
  Value frequencies = plan::RopeFrequenciesOp::create(
      body, op.getLoc(),
      kernel::VectorType::get(module.getContext(), width / 2), op.getBaseAttr(),
      op.getFactorAttr(), IntegerAttr());
  auto rowType = kernel::RowType::get(module.getContext(), width);
  dispatch("rope_table_" + std::to_string(width), "",
           {step(plan::StepList::Positions), frequencies, rows}, GridUnit::Row,
           1, "rope", [&](OpBuilder &b, ValueRange arguments) {
             Value row = kernel::RopeTableOp::create(
                 b, op.getLoc(), rowType, arguments[0], arguments[1]);
             kernel::StoreOp::create(b, op.getLoc(), row, arguments[2]);
           });
}

void Lowering::lowerLinear(gemma::LinearOp op) {
  StringRef label = nameOf(op.getWeight());
  GridUnit unit = unitOf(op.getInput());
  if (unit == GridUnit::Wanted)
    wanted.insert(op.getResult());
  Value input = productInput(op.getInput(), op.getNormWeight(),
                             op.getNormAttr(), op.getProduct(), label);
  int64_t width = widthOf(op.getResult());
  bool returned = llvm::any_of(op->getUsers(), [](Operation *user) {
    return isa<func::ReturnOp>(user);
  });
  Value result = returned ? plan::LogitsOp::create(
                                body, op.getLoc(),
                                kernel::RowsType::get(module.getContext(),
                                                      width, RowFormat::Dense))
                                .getResult()
                          : buffer("product", width, RowFormat::F32);
  product(input, op.getWeight(), result, unit, kernel::Epilogue::None,
          op.getSoftcapAttr(), label);
  buffers[op.getResult()] = result;
  if (!op.getPostNormWeight() && !op.getResidual())
    return;

  // What follows the product needs whole rows of it.
  SmallVector<Value> operands = {result};
  if (Value weight = op.getPostNormWeight())
    operands.push_back(packed(weight));
  if (Value residual = op.getResidual())
    operands.push_back(buffers.lookup(residual));
  Value out = buffers[op.getResult()] =
      buffer("residual", width, RowFormat::F32);
  operands.push_back(out);
  gemma::NormAttr norm = op.getPostNormAttr();
  std::string name = (Twine(norm ? "norm_" : "") +
                      (op.getResidual() ? "add_" : "") + Twine(width))
                         .str();
  auto rowType = kernel::RowType::get(module.getContext(), width);
  dispatch(name, norm ? numberKey(norm.getEpsilon()) : "", operands, unit, 1,
           norm ? nameOf(op.getPostNormWeight()) : label,
           [&](OpBuilder &b, ValueRange arguments) {
             Location loc = op.getLoc();
             unsigned i = 0;
             Value row = kernel::LoadOp::create(b, loc, rowType, arguments[i++],
                                                Value());
             if (norm)
               row = kernel::RmsNormOp::create(b, loc, row, arguments[i++],
                                               norm.getEpsilon());
             if (op.getResidual()) {
               Value residual = kernel::LoadOp::create(b, loc, rowType,
                                                       arguments[i++], Value());
               row = kernel::AddOp::create(b, loc, residual, row);
             }
             kernel::StoreOp::create(b, loc, row, arguments[i]);
           });
}

void Lowering::lowerGatedLinear(gemma::GatedLinearOp op) {
  StringRef label = nameOf(op.getWeight());
  Value input = productInput(op.getInput(), op.getNormWeight(),
                             op.getNormAttr(), op.getProduct(), label);
  Value result =
      buffer("gated", widthOf(op.getResult()), readFormat(op.getResult()));
  GridUnit unit = unitOf(op.getInput());
  if (unit == GridUnit::Wanted)
    wanted.insert(op.getResult());
  buffers[op.getResult()] =
      product(input, op.getWeight(), result, unit, kernel::Epilogue::GeluMul,
              FloatAttr(), label);
}

void Lowering::lowerAttention(gemma::QkvAttentionOp op) {
  CachePlace place = caches.lookup(op.getCache());
  int64_t heads = op.getHeads(), kvHeads = place.type.getHeads();
  int64_t dim = place.type.getDim(), width = heads * dim;
  Value query = buffer("query", width, RowFormat::F32);
  // A head of whole groups is written as its readers multiply.
  RowFormat written =
      dim % kernel::kGroup ? RowFormat::F32 : readFormat(op.getResult());
  Value result = buffers[op.getResult()] = buffer("attention", width, written);
  Value pages = plan::PagesOp::create(
      body, op.getLoc(), kernel::PagesType::get(module.getContext()),
      FlatSymbolRefAttr::get(place.group.getSymNameAttr()));
  Value offset = plan::OffsetOp::create(
      body, op.getLoc(), kernel::OffsetType::get(module.getContext()),
      place.offset);
  Value positions = step(plan::StepList::Positions);
  auto integer = [&](int64_t value) { return body.getI64IntegerAttr(value); };
  auto format = kernel::KvFormatAttr::get(module.getContext(), kv);
  std::string shape =
      (Twine(heads) + "_" + Twine(kvHeads) + "x" + Twine(dim)).str();
  dispatch("rope_append_" + shape,
           numberKey(op.getNorm().getEpsilon()) + numberKey(op.getScaleAttr()),
           {buffers.lookup(op.getQkv()), buffers.lookup(op.getTable()),
            packed(op.getQNormWeight()), packed(op.getKNormWeight()), query,
            pages, positions, offset},
           GridUnit::Row, 1, op.getCache(), [&](OpBuilder &b, ValueRange a) {
             kernel::RopeAppendOp::create(
                 b, op.getLoc(), a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7],
                 integer(heads), integer(kvHeads), integer(dim),
                 op.getNorm().getEpsilon(), op.getScaleAttr(),
                 integer(pageTokens), format);
           });
  std::string window =
      op.getWindow() ? "_window_" + std::to_string(op.getWindow()) : "";
  dispatch(
      "attention_" + shape + window, numberKey(op.getSoftcapAttr()),
      {query, result, step(plan::StepList::Blocks), positions, pages, offset},
      GridUnit::Block, kvHeads, op.getCache(), [&](OpBuilder &b, ValueRange a) {
        kernel::AttentionOp::create(
            b, op.getLoc(), a[0], a[1], a[2], a[3], a[4], a[5], integer(heads),
            integer(kvHeads), integer(dim), op.getWindowAttr(),
            op.getSoftcapAttr(), integer(pageTokens), format);
      });
}

//===----------------------------------------------------------------------===//
// What no kernel does
//===----------------------------------------------------------------------===//

/// The runtime calls with tokens and a batch and has room for rows of logits.
static LogicalResult checkSignature(func::FuncOp model) {
  FunctionType type = model.getFunctionType();
  auto tokens = type.getNumInputs() == 2
                    ? dyn_cast<RankedTensorType>(type.getInput(0))
                    : RankedTensorType();
  if (tokens && tokens.getElementType().isInteger(32) &&
      isa<gemma::BatchType>(type.getInput(1)) && type.getNumResults() == 1)
    return success();
  return model.emitOpError("expects the type (tensor<?xi32>, !gemma.batch) -> "
                           "logits, but it is ")
         << type;
}

LogicalResult Lowering::checkReturn(func::ReturnOp op) {
  auto linear = op.getOperand(0).getDefiningOp<gemma::LinearOp>();
  if (linear && !linear.getPostNormWeight() && !linear.getResidual() &&
      linear->hasOneUse() && wanted.contains(linear.getResult()))
    return success();
  return op.emitOpError("expects logits: a gemma.linear of selected rows with "
                        "no norm or sum behind it and no other user");
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
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case<gemma::WeightOp, gemma::ConcatRowsOp, gemma::InterleaveRowsOp,
            gemma::OffsetOp, gemma::ConvertOp>(
          [](Operation *) { return success(); })
      .Case([&](func::ReturnOp op) { return checkReturn(op); })
      .Case([&](gemma::EmbedOp op) { return lowerEmbed(op), success(); })
      .Case([&](gemma::SelectRowsOp op) {
        return lowerSelectRows(op), success();
      })
      .Case(
          [&](gemma::RopeTableOp op) { return lowerRopeTable(op), success(); })
      .Case([&](gemma::LinearOp op) { return lowerLinear(op), success(); })
      .Case([&](gemma::GatedLinearOp op) {
        return lowerGatedLinear(op), success();
      })
      .Case([&](gemma::QkvAttentionOp op) {
        return lowerAttention(op), success();
      })
      .Default([](Operation *op) {
        return op->emitOpError("has no kernel by itself; run the fusion "
                               "pipeline before planning");
      });
}

LogicalResult Lowering::run(int64_t maxRows, int64_t blockRows) {
  if (failed(checkSignature(model)))
    return failure();
  kernels.setInsertionPoint(model);
  createCaches();
  auto program =
      plan::ProgramOp::create(kernels, model.getLoc(), model.getSymName(), 1,
                              maxRows, blockRows, IntegerAttr());
  body.setInsertionPointToStart(&program.getBody().emplaceBlock());
  // Kernels stand before the program that names them.
  kernels.setInsertionPoint(program);
  for (Operation &op : model.getBody().front())
    if (failed(lower(op)))
      return failure();
  model.erase();
  for (auto cache : llvm::make_early_inc_range(module.getOps<gemma::CacheOp>()))
    cache.erase();
  return success();
}

namespace {
struct LowerToPlanPass final
    : lapidary::impl::LowerToPlanPassBase<LowerToPlanPass> {
  using Base::Base;

  void runOnOperation() override {
    auto format = kernel::symbolizeKvFormat(kv);
    if (!format) {
      emitError(getOperation().getLoc())
          << "keys and values can be f32 or bf16, not '" << kv << "'";
      return signalPassFailure();
    }
    auto models = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    if (models.size() != 1) {
      emitError(getOperation().getLoc())
          << "expects one function, the model, but there are " << models.size();
      return signalPassFailure();
    }
    if (failed(Lowering(getOperation(), models.front(), *format, pageTokens)
                   .run(maxRows, blockRows)))
      signalPassFailure();
  }
};
} // namespace
