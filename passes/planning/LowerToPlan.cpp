//===- LowerToPlan.cpp - The model becomes a program ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Goes through the fused functions once, in order. Row-wise work around a
// product (norms, conversions, residuals) becomes row kernels before and after
// it.
#include "dialects/gemma/Recipe.h"
#include "dialects/kernel/Layouts.h"
#include "passes/planning/Passes.h"
#include "passes/planning/RowOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
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

/// Where a layer's keys and values, or its state, are: a cache group and bytes
/// into its pages.
struct CachePlace {
  plan::CacheOp group;
  gemma::KvType type;
  int64_t offset;
};

/// Where the rows of an activation are: in columns of a buffer.
struct View {
  Value buffer;
  int64_t column = 0;
};

using BodyBuilder = llvm::function_ref<void(OpBuilder &, ValueRange)>;

/// What the programs of a module have in common.
class SharedPlan {
public:
  SharedPlan(ModuleOp module, kernel::KvFormat kv, int64_t pageTokens);

  /// Lets new kernels stand before `program`, which names them.
  void enter(plan::ProgramOp program) { builder.setInsertionPoint(program); }

  /// The kernel that `key` describes; `build` fills its body when it is new.
  StringRef getKernel(StringRef name, StringRef key, ArrayRef<Type> arguments,
                      GridUnit unit, int64_t slices, BodyBuilder build);

  CachePlace getCache(StringRef name) const { return caches.lookup(name); }

  /// Notes that `matrix` is packed; the one that has it as its first rows and
  /// columns if such a one was packed before.
  Value findWhole(Value matrix);

  /// Whether no function does more with `matrix` than to go through rows.
  bool isOnlyLookedUp(Value matrix) const {
    return !multiplied.contains(gemma::recipeOf(matrix));
  }

  ModuleOp module;
  const kernel::KvFormat kv;
  const int64_t pageTokens;

private:
  void createCaches();
  void createStates();
  void findMultiplied();

  OpBuilder builder;
  llvm::StringMap<kernel::FuncOp> kernelsByKey;
  std::set<std::string> kernelNames;
  llvm::StringMap<CachePlace> caches;
  /// Recipes of the matrices in products.
  llvm::StringSet<> multiplied;
  /// Matrices by what they are the first rows and columns of.
  llvm::StringMap<Value> wholes;
};

/// Makes a function a program.
class Lowering {
public:
  Lowering(SharedPlan &shared, func::FuncOp model)
      : shared(shared), module(shared.module), model(model),
        body(module.getContext()) {}

  LogicalResult run(int64_t maxRows, int64_t blockRows);

private:
  /// Makes result rows of the rows and places that a kernel is given.
  using RowsBuilder = llvm::function_ref<SmallVector<Value>(
      OpBuilder &, ValueRange rows, ValueRange places)>;

  void defineInputs();
  LogicalResult lower(Operation &op);
  void lowerRowOp(Operation *op);
  void lowerEmbed(gemma::EmbedOp op);
  void lowerSubstitute(gemma::SubstituteOp op);
  void lowerSelectRows(gemma::SelectRowsOp op);
  void lowerMeanRows(gemma::MeanRowsOp op);
  void lowerSplitHeads(gemma::SplitHeadsOp op);
  void lowerSliceColumns(gemma::SliceColumnsOp op);
  void lowerRopeTable(gemma::RopeTableOp op);
  void lowerLinear(gemma::LinearOp op);
  void lowerGatedLinear(gemma::GatedLinearOp op);
  void lowerRoute(gemma::RouteOp op);
  void lowerExperts(gemma::ExpertsOp op);
  void lowerClusteredLinear(gemma::ClusteredLinearOp op);
  void lowerAppend(gemma::AppendOp op);
  void lowerAttention(gemma::AttentionOp op);
  void lowerBlockLinear(gemma::BlockLinearOp op);
  void lowerCausalConv(gemma::CausalConvOp op);
  void lowerRgLru(gemma::RgLruOp op);
  LogicalResult lowerReturn(func::ReturnOp op);

  void dispatch(StringRef name, const Twine &key, ValueRange operands,
                GridUnit unit, int64_t slices, StringRef label,
                BodyBuilder build);

  /// What a row kernel reads and writes.
  struct RowsDispatch {
    StringRef name;
    /// What kernels of one name differ in, besides the types of places.
    std::string key;
    StringRef label;
    GridUnit unit;
    /// Activations, a row of each at a time: that of the slice, or the one
    /// that `list` names.
    SmallVector<Value> inputs;
    Value list;
    SmallVector<Value> places;
    /// Where the results go.
    SmallVector<Value> results;
  };
  void dispatchRows(const RowsDispatch &rows, RowsBuilder build);

  Value buffer(StringRef name, int64_t width, RowFormat format,
               int64_t times = 1);
  /// Where the rows of `value`, a result of the model, are stored.
  Value place(Value value, StringRef name);
  Value result(unsigned number, int64_t width);
  /// Which `top` of all choices the rows of `scores` make, each with the share
  /// that `scales` gives it.
  Value chooseBest(Value scores, int64_t top, Value scales, StringRef label);
  /// The rows of `value` where those that chose them expect them.
  Value scatter(Value value, Value routing, RowFormat format, StringRef label);
  /// `weight` in the program.
  Value recipe(Value weight);
  /// `weight` in its packed layout; of a stack of that many matrices.
  Value packed(Value weight, int64_t stack = 1);
  Value step(plan::StepList list);
  Value offset(int64_t bytes);
  Value pagesOf(StringRef cache);
  Value offsetOf(StringRef cache);
  /// The rows of `value` in `format`, normalized first when there is a norm.
  /// Shared by all who ask for the same.
  Value rowsIn(RowFormat format, Value value, StringRef label,
               Value normWeight = {}, gemma::NormAttr norm = {});
  /// Emits a product; with `routing` that of routed rows and their experts.
  void product(Value input, Value weight, Value result, GridUnit rows,
               kernel::Epilogue epilogue, FloatAttr softcap, StringRef label,
               Value routing = {});
  /// Wanted once `value` comes after a selection of wanted rows, else Row.
  GridUnit unitOf(Value value) {
    return wanted.contains(value) ? GridUnit::Wanted : GridUnit::Row;
  }
  /// Notes that `value` has the rows of `unit` in `rows`.
  void define(Value value, View rows, GridUnit unit) {
    views[value] = rows;
    if (unit == GridUnit::Wanted)
      wanted.insert(value);
  }

  SharedPlan &shared;
  ModuleOp module;
  func::FuncOp model;
  OpBuilder body;
  /// The cache that a value of `!gemma.kv` is the state of.
  llvm::DenseMap<Value, StringRef> cacheOf;
  /// Weight values of the model to their clones in the program.
  IRMapping recipes;
  llvm::DenseMap<Value, View> views;
  llvm::DenseMap<Value, Value> routings;
  llvm::DenseSet<Value> wanted;
  /// Converted rows by (activation, norm weight, norm, format).
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

/// Columns of a row, all heads together.
static int64_t widthOf(Value value) {
  ArrayRef<int64_t> shape = cast<ShapedType>(value.getType()).getShape();
  return llvm::product_of(shape.drop_front());
}

static bool isMatrix(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  return type && type.getRank() == 2 && type.hasStaticShape();
}

/// The name of the parameter that a weight is made of first, to label by.
static StringRef nameOf(Value weight) {
  Operation *op = weight.getDefiningOp();
  while (op->getNumOperands())
    op = op->getOperand(0).getDefiningOp();
  auto leaf = dyn_cast<gemma::WeightOp>(op);
  return leaf ? leaf.getParam() : op->getName().stripDialect();
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
// What programs share
//===----------------------------------------------------------------------===//

SharedPlan::SharedPlan(ModuleOp module, kernel::KvFormat kv, int64_t pageTokens)
    : module(module), kv(kv), pageTokens(pageTokens),
      builder(module.getContext()) {
  builder.setInsertionPoint(*module.getOps<func::FuncOp>().begin());
  createCaches();
  createStates();
  findMultiplied();
}

static std::string groupName(int64_t window, bool isSource) {
  return (Twine(isSource ? "source_" : "") +
          (window ? "window_" + Twine(window) : Twine("full")))
      .str();
}

void SharedPlan::createCaches() {
  std::map<std::string, plan::CacheOp> groups;
  for (auto cache :
       llvm::make_early_inc_range(module.getOps<gemma::CacheOp>())) {
    int64_t window = cache.getWindow();
    std::string name = groupName(window, cache.getSource());
    plan::CacheOp &group = groups[name];
    if (!group)
      group = plan::CacheOp::create(builder, cache.getLoc(), name, window,
                                    pageTokens, 0, cache.getSource());
    auto type = cast<gemma::KvType>(cache.getType());
    int64_t offset = group.getPageBytes();
    caches[cache.getSymName()] = {group, type, offset};
    group.setPageBytes(offset + kernel::layerPageBytes(type.getHeads(),
                                                       type.getDim(),
                                                       pageTokens, kv));
    cache.erase();
  }
}

void SharedPlan::createStates() {
  plan::CacheOp group;
  for (auto state :
       llvm::make_early_inc_range(module.getOps<gemma::StateOp>())) {
    if (!group)
      group = plan::CacheOp::create(builder, state.getLoc(), "state",
                                    /*window=*/0, /*page_tokens=*/0, 0);
    ArrayRef<int64_t> shape = cast<ShapedType>(state.getType()).getShape();
    int64_t offset = group.getPageBytes();
    caches[state.getSymName()] = {group, {}, offset};
    group.setPageBytes(offset +
                       shape[0] * kernel::padded(shape[1]) * sizeof(float));
    state.erase();
  }
}

void SharedPlan::findMultiplied() {
  for (auto function : module.getOps<func::FuncOp>())
    for (Operation &op : function.getBody().front())
      if (!gemma::isWeightOp(&op) &&
          !isa<gemma::EmbedOp, gemma::BlockLinearOp>(op))
        for (Value operand : op.getOperands())
          if (isMatrix(operand))
            multiplied.insert(gemma::recipeOf(operand));
}

/// What `weight` is the first rows and columns of.
static std::string cornerOf(Value weight) {
  Operation *op = weight.getDefiningOp();
  auto slice = dyn_cast_if_present<gemma::SliceOp>(op);
  if (slice && llvm::all_of(slice.getAt(), [](int64_t i) { return i == 0; }))
    return cornerOf(slice.getInput());
  // What goes row by row and by groups of columns.
  if (!isa_and_present<gemma::ConvertOp, gemma::InterleaveRowsOp>(op))
    return gemma::recipeOf(weight);
  std::string text = (op->getName().getStringRef() + "<").str();
  llvm::raw_string_ostream(text) << getElementTypeOrSelf(weight);
  for (Value operand : op->getOperands())
    text += "," + cornerOf(operand);
  return text + ">";
}

Value SharedPlan::findWhole(Value matrix) {
  Value &whole = wholes[cornerOf(matrix)];
  if (!whole)
    return whole = matrix;
  auto type = cast<ShapedType>(matrix.getType());
  auto wholeType = cast<ShapedType>(whole.getType());
  // A part begins where the whole does and ends with a block of it.
  auto fits = [&](int64_t index, int64_t block) {
    int64_t size = type.getDimSize(index), all = wholeType.getDimSize(index);
    return size == all || (size < all && size % block == 0);
  };
  bool isCorner = fits(0, kernel::kRowPadding) && fits(1, kernel::kPadding);
  return isCorner ? whole : matrix;
}

StringRef SharedPlan::getKernel(StringRef name, StringRef key,
                                ArrayRef<Type> arguments, GridUnit unit,
                                int64_t slices, BodyBuilder build) {
  kernel::FuncOp &func = kernelsByKey[key];
  if (func)
    return func.getSymName();
  std::string unique = name.str();
  for (int i = 2; !kernelNames.insert(unique).second; ++i)
    unique = (name + "_" + Twine(i)).str();
  func = kernel::FuncOp::create(builder, module.getLoc(), unique, arguments,
                                unit, slices);
  OpBuilder inside = OpBuilder::atBlockBegin(&func.getBody().front());
  build(inside, func.getBody().getArguments());
  return func.getSymName();
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

Value Lowering::buffer(StringRef name, int64_t width, RowFormat format,
                       int64_t times) {
  auto type = kernel::RowsType::get(module.getContext(), width, format);
  return plan::BufferOp::create(body, model.getLoc(), type, name, IntegerAttr(),
                                times);
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
    if (shared.isOnlyLookedUp(weight)) {
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
  plan::DispatchOp::create(body, model.getLoc(), kernel, operands, label);
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
                       StringRef label, Value routing) {
  MLIRContext *context = module.getContext();
  int64_t experts =
      routing ? cast<kernel::RoutingType>(routing.getType()).getExperts() : 1;
  Value matrix = packed(weight, experts);
  auto type = cast<kernel::WeightType>(matrix.getType());
  bool gated = epilogue == kernel::Epilogue::GeluMul;
  std::string name =
      (Twine(routing ? "experts_" : "") + (gated ? "gated_" : "linear_") +
       stringifyWeightFormat(type.getFormat()) + "_" +
       Twine(type.getColumns()) + "x" + Twine(type.getRows()))
          .str();
  int64_t slices = llvm::divideCeil(type.getRows(), kernel::kSliceRows);
  // Half as wide, a gated product still writes its row's padding.
  if (gated)
    slices = kernel::padded(type.getRows() / 2) / (kernel::kSliceRows / 2);
  SmallVector<Value> operands = {input, matrix, result};
  if (routing)
    operands.push_back(routing);
  dispatch(name, Twine(stringifyGridUnit(rows)) + numberKey(softcap), operands,
           GridUnit::One, experts * slices, label,
           [&](OpBuilder &b, ValueRange arguments) {
             kernel::MatmulOp::create(
                 b, model.getLoc(), arguments[0], arguments[1], arguments[2],
                 GridUnitAttr::get(context, rows),
                 EpilogueAttr::get(context, epilogue), softcap,
                 routing ? arguments[3] : Value());
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

void Lowering::lowerRopeTable(gemma::RopeTableOp op) {
  int64_t width = widthOf(op.getResult());
  Value rows = buffer("rope", width, RowFormat::F32);
  define(op.getResult(), {rows}, GridUnit::Row);
  Value frequencies = plan::RopeFrequenciesOp::create(
      body, op.getLoc(),
      kernel::VectorType::get(module.getContext(), width / 2), op.getBaseAttr(),
      op.getFactorAttr(),
      body.getI64IntegerAttr(op.getPairs().value_or(width / 2)), IntegerAttr());
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

Value Lowering::chooseBest(Value scores, int64_t top, Value scales,
                           StringRef label) {
  auto type =
      kernel::RoutingType::get(module.getContext(), widthOf(scores), top);
  Value routing = plan::BufferOp::create(body, model.getLoc(), type, "routing",
                                         IntegerAttr());
  GridUnit unit = unitOf(scores);
  std::string shape = (Twine(top) + "of" + Twine(type.getExperts())).str();
  std::string name = "route_" + shape;
  dispatchRows({name, "", label, unit, {scores}, {}, {scales, routing}, {}},
               [&](OpBuilder &b, ValueRange rows,
                   ValueRange places) -> SmallVector<Value> {
                 kernel::RouteOp::create(b, model.getLoc(), rows[0], places[0],
                                         places[1]);
                 return {};
               });
  auto rows = GridUnitAttr::get(module.getContext(), unit);
  dispatch("group_" + shape, Twine(stringifyGridUnit(unit)), routing,
           GridUnit::One, 1, label, [&](OpBuilder &b, ValueRange arguments) {
             kernel::GroupOp::create(b, model.getLoc(), arguments[0], rows);
           });
  return routing;
}

void Lowering::lowerRoute(gemma::RouteOp op) {
  if (unitOf(op.getScores()) == GridUnit::Wanted)
    wanted.insert(op.getResult());
  routings[op.getResult()] =
      chooseBest(op.getScores(), op.getType().getTop(), packed(op.getScales()),
                 nameOf(op.getScales()));
}

Value Lowering::scatter(Value value, Value routing, RowFormat format,
                        StringRef label) {
  int64_t width = widthOf(value);
  int64_t top = cast<kernel::RoutingType>(routing.getType()).getTop();
  Value rows = buffer("routed", width, format, top);
  std::string name = "scatter_" + std::to_string(width);
  dispatchRows(
      {name, "", label, unitOf(value), {value}, {}, {rows, routing}, {}},
      [&](OpBuilder &b, ValueRange rows,
          ValueRange places) -> SmallVector<Value> {
        kernel::ScatterOp::create(b, model.getLoc(), rows[0], places[0],
                                  places[1]);
        return {};
      });
  return rows;
}

void Lowering::lowerExperts(gemma::ExpertsOp op) {
  Value routing = routings.lookup(op.getRouting());
  int64_t top = op.getRouting().getType().getTop();
  int64_t inner = cast<ShapedType>(op.getDown().getType()).getDimSize(1);
  GridUnit unit = unitOf(op.getInput());
  RowFormat format = rowFormatOf(op.getProduct());
  StringRef label = nameOf(op.getGateUp());
  Value input = scatter(op.getInput(), routing, format, label);
  Value gated = buffer("gated", inner, format, top);
  product(input, op.getGateUp(), gated, unit, kernel::Epilogue::GeluMul,
          FloatAttr(), label, routing);
  int64_t width = widthOf(op.getResult());
  Value result = buffer("experts", width, RowFormat::F32, top);
  product(gated, op.getDown(), result, unit, kernel::Epilogue::None,
          FloatAttr(), nameOf(op.getDown()), routing);
  Value rows = place(op.getResult(), "combined");
  auto rowType = kernel::RowType::get(module.getContext(), width);
  std::string name = "combine_" + std::to_string(width);
  dispatchRows(
      {name, "", nameOf(op.getDown()), unit, {}, {}, {result, routing}, {rows}},
      [&](OpBuilder &b, ValueRange, ValueRange places) -> SmallVector<Value> {
        return {kernel::CombineOp::create(b, op.getLoc(), rowType, places[0],
                                          places[1])};
      });
  define(op.getResult(), {rows}, unit);
}

/// Clusters are experts that have one product each.
void Lowering::lowerClusteredLinear(gemma::ClusteredLinearOp op) {
  int64_t width = widthOf(op.getResult()), top = op.getTop();
  int64_t clusters = widthOf(op.getScores());
  StringRef label = nameOf(op.getWeight());
  auto onesType = RankedTensorType::get({clusters}, body.getF32Type());
  Value ones = gemma::FillOp::create(body, op.getLoc(), onesType,
                                     body.getF32FloatAttr(1.0f));
  Value scales = plan::PackOp::create(
      body, op.getLoc(), kernel::VectorType::get(module.getContext(), clusters),
      ones, IntegerAttr());
  Value routing = chooseBest(op.getScores(), top, scales, label);
  GridUnit unit = unitOf(op.getInput());
  Value input =
      scatter(op.getInput(), routing, rowFormatOf(op.getProduct()), label);
  Value products = buffer("clusters", width / clusters, RowFormat::F32, top);
  product(input, op.getWeight(), products, unit, kernel::Epilogue::None,
          FloatAttr(), label, routing);
  Value rows = place(op.getResult(), "logits");
  auto rowType = kernel::RowType::get(module.getContext(), width);
  std::string name = "spread_" + std::to_string(width);
  dispatchRows(
      {name,
       "",
       label,
       unit,
       {},
       {},
       {products, packed(op.getOrder()), routing},
       {rows}},
      [&](OpBuilder &b, ValueRange, ValueRange places) -> SmallVector<Value> {
        return {kernel::SpreadOp::create(b, op.getLoc(), rowType, places[0],
                                         places[1], places[2])};
      });
  define(op.getResult(), {rows}, unit);
}

void Lowering::lowerAppend(gemma::AppendOp op) {
  gemma::KvType type = op.getType();
  cacheOf[op.getResult()] = op.getCache();
  std::string name =
      (Twine("append_") + Twine(type.getHeads()) + "x" + Twine(type.getDim()))
          .str();
  dispatchRows({name,
                "",
                op.getCache(),
                GridUnit::Row,
                {op.getKey(), op.getValue()},
                {},
                {pagesOf(op.getCache()), step(plan::StepList::Positions),
                 offsetOf(op.getCache())},
                {}},
               [&](OpBuilder &b, ValueRange rows,
                   ValueRange places) -> SmallVector<Value> {
                 kernel::AppendOp::create(
                     b, op.getLoc(), rows[0], rows[1], places[0], places[1],
                     places[2], b.getI64IntegerAttr(type.getHeads()),
                     b.getI64IntegerAttr(shared.pageTokens),
                     kernel::KvFormatAttr::get(b.getContext(), shared.kv));
                 return {};
               });
}

void Lowering::lowerAttention(gemma::AttentionOp op) {
  StringRef cache = cacheOf.lookup(op.getKv());
  gemma::KvType type = op.getKv().getType();
  int64_t kvHeads = type.getHeads(), dim = type.getDim();
  int64_t width = widthOf(op.getResult()), heads = width / dim;
  // A head of whole groups is written as its readers multiply.
  RowFormat written =
      dim % kernel::kGroup ? RowFormat::F32 : readFormat(op.getResult());
  Value query = rowsIn(RowFormat::F32, op.getQuery(), cache);
  Value result = buffer("attention", width, written);
  GridUnit unit = op.getWanted() ? GridUnit::Wanted : GridUnit::Row;
  define(op.getResult(), {result}, unit);
  SmallVector<Value> operands = {
      query,
      result,
      step(op.getWanted() ? plan::StepList::Wanted : plan::StepList::Blocks),
      step(plan::StepList::Positions),
      pagesOf(cache),
      offsetOf(cache)};
  if (op.getBidirectional()) {
    // What an encoder has read ends elsewhere than the text does.
    bool isSource = op.getKv().getDefiningOp<gemma::PastOp>() &&
                    shared.getCache(cache).group.getSource();
    operands.push_back(
        step(isSource ? plan::StepList::SourceEnds : plan::StepList::Ends));
  }
  if (op.getSource()) {
    StringRef source = cacheOf.lookup(op.getSource());
    operands.append(
        {pagesOf(source), offsetOf(source), step(plan::StepList::SourceEnds)});
  }
  std::string name =
      (Twine("attention_") + Twine(heads) + "_" + Twine(kvHeads) + "x" +
       Twine(dim) +
       (op.getWindow() ? "_window_" + Twine(op.getWindow()) : Twine("")))
          .str();
  int64_t ahead = op.getBidirectional() && op.getWindow()
                      ? op.getAhead().value_or(op.getWindow() - 1)
                      : 0;
  std::string key = numberKey(op.getSoftcapAttr()) +
                    numberKey(op.getScaleAttr()) + std::to_string(ahead);
  dispatch(
      name, key, operands, op.getWanted() ? GridUnit::Wanted : GridUnit::Block,
      kvHeads, cache, [&](OpBuilder &b, ValueRange a) {
        auto next = [&](bool isThere) {
          Value value = isThere ? a.front() : Value();
          a = a.drop_front(isThere);
          return value;
        };
        auto integer = [&](int64_t value) {
          return b.getI64IntegerAttr(value);
        };
        Value query = next(true), result = next(true), list = next(true);
        Value positions = next(true), pages = next(true);
        Value offset = next(true), ends = next(op.getBidirectional());
        bool hasSource = op.getSource() != nullptr;
        Value sourcePages = next(hasSource), sourceOffset = next(hasSource);
        Value sourceEnds = next(hasSource);
        kernel::AttentionOp::create(
            b, op.getLoc(), query, result, list, positions, ends, pages, offset,
            sourcePages, sourceOffset, sourceEnds, integer(heads),
            integer(kvHeads), integer(dim), op.getScaleAttr(),
            op.getWindowAttr(), integer(ahead), op.getSoftcapAttr(),
            integer(shared.pageTokens),
            kernel::KvFormatAttr::get(b.getContext(), shared.kv),
            op.getWantedAttr());
      });
}

void Lowering::lowerBlockLinear(gemma::BlockLinearOp op) {
  StringRef label = nameOf(op.getWeight());
  GridUnit unit = unitOf(op.getInput());
  Value input = rowsIn(RowFormat::F32, op.getInput(), label);
  Value result = place(op.getResult(), "blocks");
  define(op.getResult(), {result}, unit);
  std::string name = "block_linear_" + std::to_string(widthOf(op.getResult()));
  auto rows = GridUnitAttr::get(module.getContext(), unit);
  dispatch(name, Twine(op.getBlocks()) + stringifyGridUnit(unit),
           {input, packed(op.getWeight()), result}, GridUnit::One,
           op.getBlocks(), label, [&](OpBuilder &b, ValueRange a) {
             kernel::BlockLinearOp::create(b, op.getLoc(), a[0], a[1], a[2],
                                           rows);
           });
}

/// Slices of a kernel that has some columns of all rows in each.
static int64_t columnSlices(int64_t width) {
  return kernel::padded(width) / kernel::kPadding;
}

void Lowering::lowerCausalConv(gemma::CausalConvOp op) {
  int64_t width = widthOf(op.getResult());
  Value input = rowsIn(RowFormat::F32, op.getInput(), op.getState());
  Value result = place(op.getResult(), "convolved");
  define(op.getResult(), {result}, GridUnit::Row);
  dispatch("causal_conv_" + std::to_string(width), "",
           {input, packed(op.getWeight()), packed(op.getBias()), result,
            pagesOf(op.getState()), step(plan::StepList::Positions),
            offsetOf(op.getState())},
           GridUnit::One, columnSlices(width), op.getState(),
           [&](OpBuilder &b, ValueRange a) {
             kernel::CausalConvOp::create(b, op.getLoc(), a[0], a[1], a[2],
                                          a[3], a[4], a[5], a[6]);
           });
}

void Lowering::lowerRgLru(gemma::RgLruOp op) {
  int64_t width = widthOf(op.getResult());
  StringRef label = op.getState();
  Value result = place(op.getResult(), "recurrence");
  define(op.getResult(), {result}, GridUnit::Row);
  dispatch("rg_lru_" + std::to_string(width), "",
           {rowsIn(RowFormat::F32, op.getInput(), label),
            rowsIn(RowFormat::F32, op.getInputGate(), label),
            rowsIn(RowFormat::F32, op.getRecurrenceGate(), label),
            packed(op.getRate()), result, pagesOf(label),
            step(plan::StepList::Positions), offsetOf(label)},
           GridUnit::One, columnSlices(width), label,
           [&](OpBuilder &b, ValueRange a) {
             kernel::RgLruOp::create(b, op.getLoc(), a[0], a[1], a[2], a[3],
                                     a[4], a[5], a[6], a[7]);
           });
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
      .Case([&](gemma::AppendOp op) { return lowerAppend(op), success(); })
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

LogicalResult Lowering::run(int64_t maxRows, int64_t blockRows) {
  if (failed(checkSignature(model)))
    return failure();
  if (seesAhead(model))
    maxRows = std::max(maxRows, longestSequence(module));
  OpBuilder programs(model);
  auto program =
      plan::ProgramOp::create(programs, model.getLoc(), model.getSymName(), 1,
                              maxRows, blockRows, IntegerAttr());
  body.setInsertionPointToStart(&program.getBody().emplaceBlock());
  shared.enter(program);
  defineInputs();
  for (Operation &op : model.getBody().front())
    if (failed(lower(op)))
      return failure();
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
    if (models.empty()) {
      emitError(getOperation().getLoc())
          << "expects a function, the model, but there is none";
      return signalPassFailure();
    }
    SharedPlan shared(getOperation(), *format, pageTokens);
    for (func::FuncOp model : models)
      if (failed(Lowering(shared, model).run(maxRows, blockRows)))
        return signalPassFailure();
    for (func::FuncOp model : models)
      model.erase();
  }
};
} // namespace
