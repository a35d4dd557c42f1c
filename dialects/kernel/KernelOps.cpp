//===- KernelOps.cpp - Spelling and verifiers of the dialect ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/kernel/Kernel.h"
#include "dialects/kernel/Layouts.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lapidary::kernel;

#define GET_OP_CLASSES
#include "dialects/kernel/KernelOps.cpp.inc"

void FuncOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                   ArrayRef<Type> arguments, GridUnit unit, int64_t slices) {
  auto &properties = state.getOrAddProperties<Properties>();
  properties.sym_name = builder.getStringAttr(name);
  properties.function_type =
      TypeAttr::get(builder.getFunctionType(arguments, {}));
  properties.unit = GridUnitAttr::get(builder.getContext(), unit);
  properties.slices = builder.getI64IntegerAttr(slices);
  Block *body = new Block;
  for (Type type : arguments)
    body->addArgument(type, state.location);
  state.addRegion()->push_back(body);
}

ParseResult FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildType = [](Builder &builder, ArrayRef<Type> arguments,
                      ArrayRef<Type> results,
                      function_interface_impl::VariadicFlag, std::string &) {
    return builder.getFunctionType(arguments, results);
  };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false,
      getFunctionTypeAttrName(result.name), buildType,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void FuncOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(
      printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
      getArgAttrsAttrName(), getResAttrsAttrName());
}

//===----------------------------------------------------------------------===//
// What several verifiers ask
//===----------------------------------------------------------------------===//

static LogicalResult expectSize(Operation *op, StringRef what, int64_t expected,
                                int64_t actual) {
  if (expected == actual)
    return success();
  return op->emitOpError("expects ")
         << what << " to be " << expected << ", but it is " << actual;
}

static LogicalResult expectFloatRows(Operation *op, StringRef name,
                                     RowsType rows) {
  if (rows.getFormat() == RowFormat::F32)
    return success();
  return op->emitOpError("expects '") << name << "' in f32, but it is in "
                                      << stringifyRowFormat(rows.getFormat());
}

static bool areNumbers(RowsType rows) {
  return rows.getFormat() != RowFormat::Keys &&
         rows.getFormat() != RowFormat::Bits;
}

static LogicalResult expectNumbers(Operation *op, RowsType rows) {
  if (areNumbers(rows))
    return success();
  return op->emitOpError("expects a place for numbers, but it is one for ")
         << stringifyRowFormat(rows.getFormat());
}

static LogicalResult expectFormat(Operation *op, StringRef name, RowsType rows,
                                  RowFormat format) {
  if (rows.getFormat() == format)
    return success();
  return op->emitOpError("expects '")
         << name << "' in " << stringifyRowFormat(format) << ", but it is in "
         << stringifyRowFormat(rows.getFormat());
}

static LogicalResult expectAtLeast(Operation *op, StringRef name, int64_t least,
                                   int64_t actual) {
  if (actual >= least)
    return success();
  return op->emitOpError("expects '")
         << name << "' to be at least " << least << ", but it is " << actual;
}

static LogicalResult expectEpsilon(Operation *op, const APFloat &epsilon) {
  if (!epsilon.isNegative() && !epsilon.isNaN())
    return success();
  return op->emitOpError("expects 'epsilon' to be at least 0, but it is ")
         << epsilon.convertToFloat();
}

static LogicalResult expectSoftcap(Operation *op,
                                   std::optional<APFloat> softcap) {
  if (!softcap || softcap->convertToFloat() > 0)
    return success();
  return op->emitOpError("expects 'softcap' to be positive, but it is ")
         << softcap->convertToFloat();
}

/// Whether a row of `width` is cut into whole stretches.
static LogicalResult expectStretches(Operation *op, StringRef name,
                                     int64_t stretch, int64_t width) {
  if (width % stretch == 0)
    return success();
  return op->emitOpError("expects the width of '")
         << name << "' to divide the " << width << " of the row, but it is "
         << stretch;
}

/// Products and recurrences see all rows, and each slice some columns.
static LogicalResult expectOneUnit(Operation *op) {
  GridUnit unit = cast<FuncOp>(op->getParentOp()).getUnit();
  if (unit == GridUnit::One)
    return success();
  return op->emitOpError("expects a kernel whose unit is 'one', but it is '")
         << stringifyGridUnit(unit) << "'";
}

static LogicalResult expectRowsUnit(Operation *op, GridUnit rows) {
  if (rows == GridUnit::Row || rows == GridUnit::Wanted)
    return success();
  return op->emitOpError("expects 'rows' to be 'row' or 'wanted', but it is '")
         << stringifyGridUnit(rows) << "'";
}

/// Row operations stand where each slice is one row.
static LogicalResult expectRowKernel(Operation *op) {
  auto kernel = cast<FuncOp>(op->getParentOp());
  if (failed(expectSize(op, "'slices' of a row kernel", 1, kernel.getSlices())))
    return failure();
  GridUnit unit = kernel.getUnit();
  if (unit == GridUnit::Row || unit == GridUnit::Wanted)
    return success();
  return op->emitOpError("expects a kernel whose unit is 'row' or 'wanted', "
                         "but it is '")
         << stringifyGridUnit(unit) << "'";
}

static LogicalResult expectPages(Operation *op, int64_t pageTokens) {
  if (pageTokens > 0 && pageTokens % kKeyBlock == 0)
    return success();
  return op->emitOpError("expects 'page_tokens' to be a positive multiple of ")
         << kKeyBlock << ", but it is " << pageTokens;
}

static LogicalResult expectHeads(Operation *op, int64_t heads, int64_t kvHeads,
                                 int64_t pageTokens) {
  if (kvHeads < 1 || heads < 1 || heads % kvHeads)
    return op->emitOpError("expects 'heads' to be a positive multiple of "
                           "'kv_heads', but they are ")
           << heads << " and " << kvHeads;
  return expectPages(op, pageTokens);
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult FuncOp::verify() {
  // func_c1
  for (auto [index, type] : llvm::enumerate(getArgumentTypes()))
    if (!isa<RowsType, WeightType, TableType, RoutingType, VectorType, ListType,
             PagesType, OffsetType>(type))
      return emitOpError("expects places as arguments, but argument ")
             << index << " is " << type;
  // func_c2
  if (failed(expectAtLeast(*this, "slices", 1, getSlices())))
    return failure();
  if (getUnit() == GridUnit::Row &&
      failed(expectSize(*this, "'slices' of a row kernel", 1, getSlices())))
    return failure();
  // func_c3
  if (!getFunctionType().getResults().empty())
    return emitOpError("expects no results");
  // func_c4
  for (Operation &op : getBody().front())
    if (op.getDialect() != (*this)->getDialect())
      return op.emitOpError("has no place in a kernel.func");
  return success();
}

LogicalResult LoadOp::verify() {
  RowsType rows = getRows().getType();
  // load_c1
  if (failed(expectFloatRows(*this, "rows", rows)))
    return failure();
  // load_c2
  int64_t width = getType().getWidth();
  if (!getOffset() && failed(expectSize(*this, "the width of the result",
                                        rows.getWidth(), width)))
    return failure();
  if (width > rows.getWidth())
    return emitOpError("expects at most ")
           << rows.getWidth() << " columns, but takes " << width;
  // load_c3
  return expectRowKernel(*this);
}

static int64_t columnsOf(Type table) {
  if (auto weight = dyn_cast<WeightType>(table))
    return weight.getColumns();
  return cast<TableType>(table).getColumns();
}

LogicalResult EmbedOp::verify() {
  // embed_c1
  if (failed(expectSize(*this, "the width of the result",
                        columnsOf(getTable().getType()), getType().getWidth())))
    return failure();
  // embed_c2
  return expectRowKernel(*this);
}

LogicalResult SubstituteOp::verify() {
  // substitute_c1
  if (failed(expectSize(*this, "the length of the vector",
                        getInput().getType().getWidth(),
                        getVector().getType().getWidth())))
    return failure();
  // substitute_c2
  return expectRowKernel(*this);
}

LogicalResult RmsNormOp::verify() {
  // rms_norm_c1
  if (failed(expectStretches(*this, "weight", getWeight().getType().getWidth(),
                             getInput().getType().getWidth())))
    return failure();
  // rms_norm_c2
  return expectEpsilon(*this, getEpsilon());
}

LogicalResult StoreOp::verify() {
  RowsType rows = getRows().getType();
  // store_c1
  if (failed(expectNumbers(*this, rows)) ||
      failed(expectSize(*this, "the width of the place",
                        getRow().getType().getWidth(), rows.getWidth())))
    return failure();
  // store_c2
  return expectRowKernel(*this);
}

LogicalResult RopeTableOp::verify() {
  // rope_table_c1
  if (failed(expectSize(*this, "the width of the result",
                        2 * getFrequencies().getType().getWidth(),
                        getType().getWidth())))
    return failure();
  // rope_table_c2
  return expectRowKernel(*this);
}

LogicalResult RouteOp::verify() {
  // route_c1
  int64_t experts = getRouting().getType().getExperts();
  if (failed(expectSize(*this, "the number of scores", experts,
                        getScores().getType().getWidth())) ||
      failed(expectSize(*this, "the number of scales", experts,
                        getScales().getType().getWidth())))
    return failure();
  // route_c2
  return expectRowKernel(*this);
}

LogicalResult GroupOp::verify() {
  // group_c1
  auto kernel = cast<FuncOp>((*this)->getParentOp());
  if (kernel.getUnit() == GridUnit::One && kernel.getSlices() == 1)
    return success();
  return emitOpError("expects a kernel of one unit and one slice");
}

LogicalResult ScatterOp::verify() {
  // scatter_c1
  RowsType rows = getRows().getType();
  if (rows.getFormat() == RowFormat::Dense)
    return emitOpError("expects rows with padding, but they are dense");
  if (failed(expectNumbers(*this, rows)) ||
      failed(expectSize(*this, "the width of the place",
                        getRow().getType().getWidth(), rows.getWidth())))
    return failure();
  // scatter_c2
  return expectRowKernel(*this);
}

LogicalResult CombineOp::verify() {
  // combine_c1
  RowsType rows = getRows().getType();
  if (failed(expectFloatRows(*this, "rows", rows)) ||
      failed(expectSize(*this, "the width of the result", rows.getWidth(),
                        getType().getWidth())))
    return failure();
  // combine_c2
  return expectRowKernel(*this);
}

LogicalResult SpreadOp::verify() {
  // spread_c1
  if (failed(expectFloatRows(*this, "rows", getRows().getType())))
    return failure();
  // spread_c2
  int64_t width =
      getRows().getType().getWidth() * getRouting().getType().getExperts();
  if (failed(expectSize(*this, "the length of the order", width,
                        getOrder().getType().getWidth())) ||
      failed(expectSize(*this, "the width of the result", width,
                        getType().getWidth())))
    return failure();
  // spread_c3
  return expectRowKernel(*this);
}

/// The format of the rows that a product with weights in `format` reads.
static RowFormat inputFormat(WeightFormat format) {
  switch (format) {
  case WeightFormat::F32:
    return RowFormat::F32;
  case WeightFormat::BF16:
    return RowFormat::BF16;
  case WeightFormat::Int8:
  case WeightFormat::Int4:
  case WeightFormat::Planes:
    return RowFormat::Q8;
  }
  llvm_unreachable("all formats are handled");
}

static LogicalResult verifyMatmulShapes(MatmulOp op) {
  RowsType input = op.getInput().getType();
  WeightType weight = op.getWeight().getType();
  // matmul_c1
  if (failed(expectSize(op, "the width of the input", weight.getColumns(),
                        input.getWidth())))
    return failure();
  // matmul_c2
  RowFormat expected = inputFormat(weight.getFormat());
  if (input.getFormat() != expected)
    return op.emitOpError("expects the input in ")
           << stringifyRowFormat(expected) << " for a weight in "
           << stringifyWeightFormat(weight.getFormat()) << ", but it is in "
           << stringifyRowFormat(input.getFormat());
  // matmul_c3
  if (failed(expectNumbers(op, op.getResult().getType())))
    return failure();
  int64_t halves = op.getEpilogue() == Epilogue::GeluMul ? 2 : 1;
  return expectSize(op, "the number of rows of the weight",
                    halves * op.getResult().getType().getWidth(),
                    weight.getRows());
}

static LogicalResult verifyAmong(MatmulOp op) {
  // matmul_c9
  if (!op.getAmong())
    return success();
  RowsType among = op.getAmong().getType();
  if (op.getRows() != GridUnit::Wanted || op.getRouting() ||
      op.getEpilogue() != Epilogue::None)
    return op.emitOpError("expects 'among' only with wanted rows, one matrix "
                          "and the epilogue 'none'");
  if (failed(expectFormat(op, "among", among, RowFormat::Bits)))
    return failure();
  return expectSize(op, "the width of 'among'",
                    op.getResult().getType().getWidth(), among.getWidth());
}

LogicalResult MatmulOp::verify() {
  if (failed(verifyMatmulShapes(*this)))
    return failure();
  // matmul_c4
  if (failed(expectRowsUnit(*this, getRows())))
    return failure();
  // matmul_c5
  if (failed(expectOneUnit(*this)))
    return failure();
  auto kernel = cast<FuncOp>((*this)->getParentOp());
  bool gated = getEpilogue() == Epilogue::GeluMul;
  int64_t columns = gated ? kSliceRows / 2 : kSliceRows;
  int64_t slices = getWeight().getType().getStack() *
                   padded(getResult().getType().getWidth()) / columns;
  if (failed(expectSize(*this, "'slices' of the kernel", slices,
                        kernel.getSlices())))
    return failure();
  // matmul_c6
  if (gated && getSoftcap())
    return emitOpError("expects 'softcap' only with the epilogue 'none'");
  if (failed(expectSoftcap(*this, getSoftcap())))
    return failure();
  // matmul_c7
  int64_t experts = getRouting() ? getRouting().getType().getExperts() : 1;
  if (failed(expectSize(*this, "the stack of the weight", experts,
                        getWeight().getType().getStack())))
    return failure();
  // matmul_c8
  if (getUpper() && getWeight().getType().getFormat() != WeightFormat::Planes)
    return emitOpError("expects 'upper' only with a weight in planes");
  return verifyAmong(*this);
}

//===----------------------------------------------------------------------===//
// The best logits
//===----------------------------------------------------------------------===//

/// Each wanted row has `slices` slices.
static LogicalResult expectWantedUnit(Operation *op, int64_t slices) {
  auto kernel = cast<FuncOp>(op->getParentOp());
  if (kernel.getUnit() != GridUnit::Wanted)
    return op->emitOpError("expects a kernel whose unit is 'wanted', but it is "
                           "'")
           << stringifyGridUnit(kernel.getUnit()) << "'";
  return expectSize(op, "'slices' of the kernel", slices, kernel.getSlices());
}

/// What refines estimates, if anything does.
template <typename OpTy> static LogicalResult verifyRefined(OpTy op) {
  if (!op.getWeight()) {
    if (!op.getSoftcap())
      return success();
    return op.emitOpError("expects 'softcap' only with 'refined'");
  }
  WeightType weight = op.getWeight().getType();
  if (weight.getFormat() != WeightFormat::Planes)
    return op.emitOpError("expects 'weight' in planes, but it is in ")
           << stringifyWeightFormat(weight.getFormat());
  if (failed(expectFormat(op, "rows", op.getRows().getType(), RowFormat::Q8)) ||
      failed(expectSize(op, "the width of the rows", weight.getColumns(),
                        op.getRows().getType().getWidth())) ||
      failed(expectSize(op, "the number of rows of the weight",
                        op.getLogits().getType().getWidth(), weight.getRows())))
    return failure();
  return expectSoftcap(op, op.getSoftcap());
}

/// What goes through logits in slices, each of which finds `perSlice` keys.
template <typename OpTy>
static LogicalResult verifySearch(OpTy op, int64_t perSlice) {
  RowsType logits = op.getLogits().getType(), result = op.getResult().getType();
  // peaks_c1, contenders_c1
  if (failed(expectFloatRows(op, "logits", logits)) ||
      failed(expectFormat(op, "result", result, RowFormat::Keys)))
    return failure();
  // peaks_c2, contenders_c2
  int64_t slices = llvm::divideCeil(logits.getWidth(), kBestColumns);
  if (failed(expectWantedUnit(op, slices)))
    return failure();
  // peaks_c3, contenders_c3
  if (failed(expectSize(op, "the width of the result", perSlice * slices,
                        result.getWidth())))
    return failure();
  // peaks_c4, peaks_c5, contenders_c4, contenders_c5
  return verifyRefined(op);
}

LogicalResult PeaksOp::verify() { return verifySearch(*this, kPanelRows); }

LogicalResult BestOp::verify() {
  // best_c1
  if (failed(expectFormat(*this, "input", getInput().getType(),
                          RowFormat::Keys)) ||
      failed(expectFormat(*this, "result", getResult().getType(),
                          RowFormat::Keys)))
    return failure();
  // best_c2
  if (failed(expectSize(*this, "the width of the result", kBest,
                        getResult().getType().getWidth())))
    return failure();
  // best_c3
  return expectWantedUnit(*this, 1);
}

LogicalResult ContendersOp::verify() {
  RowsType threshold = getThreshold().getType();
  // contenders_c1, contenders_c3
  if (failed(expectFormat(*this, "threshold", threshold, RowFormat::Keys)) ||
      failed(expectSize(*this, "the width of the threshold", kBest,
                        threshold.getWidth())))
    return failure();
  return verifySearch(*this, kBest);
}

LogicalResult ScaleByOp::verify() {
  // scale_by_c1
  int64_t width = getWeight().getType().getWidth();
  if (width == 1)
    return success();
  return expectSize(*this, "the width of the weight",
                    getInput().getType().getWidth(), width);
}

LogicalResult BiasOp::verify() {
  // bias_c1
  return expectSize(*this, "the width of the weight",
                    getInput().getType().getWidth(),
                    getWeight().getType().getWidth());
}

LogicalResult WeightedSumOp::verify() {
  // weighted_sum_c1
  if (getRows().empty())
    return emitOpError("expects a row");
  for (Value row : getRows())
    if (row.getType() != getType())
      return emitOpError("expects rows of ")
             << getType() << ", but one is " << row.getType();
  // weighted_sum_c2
  int64_t from = getFrom(), count = getRows().size();
  if (from >= 0 && from + count <= getCoefs().getType().getWidth())
    return success();
  return emitOpError("expects a coefficient for each of ")
         << count << " rows from " << from << " on, but there are only "
         << getCoefs().getType().getWidth();
}

LogicalResult RopeOp::verify() {
  // rope_c1
  int64_t dim = getHeadDim(), width = getTable().getType().getWidth();
  if (width % 2 || width > dim)
    return emitOpError("expects the width of 'table' to be even and at most ")
           << dim << ", but it is " << width;
  int64_t row = getInput().getType().getWidth();
  if (row % dim == 0)
    return success();
  return emitOpError("expects 'head_dim' to divide the ")
         << row << " of the row, but it is " << dim;
}

/// Of an operation that appends rows of `width`.
template <typename Op> static LogicalResult verifyAppend(Op op, int64_t width) {
  int64_t heads = op.getHeads();
  if (heads < 1 || width % heads)
    return op.emitOpError("expects 'heads' to divide the width of ")
           << width << ", but they are " << heads;
  if (failed(expectPages(op, op.getPageTokens())))
    return failure();
  return expectRowKernel(op);
}

LogicalResult AppendOp::verify() {
  // append_c1, append_c2, append_c3
  return verifyAppend(*this, getKey().getType().getWidth());
}

LogicalResult AppendValuesOp::verify() {
  // append_values_c1, append_values_c2, append_values_c3
  return verifyAppend(*this, getValue().getType().getWidth());
}

LogicalResult MeanOp::verify() {
  // mean_c1
  RowsType rows = getRows().getType();
  if (failed(expectFloatRows(*this, "rows", rows)) ||
      failed(expectSize(*this, "the width of the result", rows.getWidth(),
                        getType().getWidth())))
    return failure();
  // mean_c2
  GridUnit unit = cast<FuncOp>((*this)->getParentOp()).getUnit();
  if (unit == GridUnit::Wanted)
    return success();
  return emitOpError("expects a kernel whose unit is 'wanted', but it is '")
         << stringifyGridUnit(unit) << "'";
}

LogicalResult AttentionOp::verify() {
  // attention_c1
  if (failed(expectFloatRows(*this, "query", getQuery().getType())))
    return failure();
  RowsType result = getResult().getType();
  if (getHeadDim() % kGroup || result.getFormat() == RowFormat::Dense ||
      !areNumbers(result))
    if (failed(expectFloatRows(*this, "result", result)))
      return failure();
  // attention_c2
  int64_t width = getHeads() * getHeadDim();
  if (failed(expectSize(*this, "the width of 'query'", width,
                        getQuery().getType().getWidth())))
    return failure();
  if (getStrands()) {
    width += 2 * getHeads();
    if (failed(expectFloatRows(*this, "result", result)))
      return failure();
  }
  if (failed(
          expectSize(*this, "the width of 'result'", width, result.getWidth())))
    return failure();
  // attention_c3, attention_c4
  if (failed(expectHeads(*this, getHeads(), getKvHeads(), getPageTokens())))
    return failure();
  // attention_c5
  if (failed(expectAtLeast(*this, "window", 0, getWindow())) ||
      failed(expectAtLeast(*this, "ahead", 0, getAhead())))
    return failure();
  // attention_c6
  if (failed(expectSoftcap(*this, getSoftcap())))
    return failure();
  // attention_c7
  auto kernel = cast<FuncOp>((*this)->getParentOp());
  GridUnit unit = getWanted() ? GridUnit::Wanted : GridUnit::Block;
  if (kernel.getUnit() != unit)
    return emitOpError("expects a kernel whose unit is '")
           << stringifyGridUnit(unit) << "', but it is '"
           << stringifyGridUnit(kernel.getUnit()) << "'";
  int64_t slices = getKvHeads() * (getStrands() ? kStrands : 1);
  if (failed(expectSize(*this, "'slices' of the kernel", slices,
                        kernel.getSlices())))
    return failure();
  // attention_c8
  if (!getKeyWeight())
    return success();
  if (failed(expectSize(*this, "the length of 'key_weight'", getHeadDim(),
                        getKeyWeight().getType().getWidth())))
    return failure();
  int64_t half = getFrequencies().getType().getWidth(), pairs = *getPairs();
  int64_t dim = getHeadDim();
  if (0 <= pairs && pairs <= half && 2 * half <= dim)
    return success();
  return emitOpError("expects at most ")
         << dim / 2 << " frequencies and at most as many pairs, but "
         << "they are " << half << " and " << pairs;
}

LogicalResult MergeStrandsOp::verify() {
  // merge_strands_c1
  RowsType strands = getStrands().getType();
  if (failed(expectFloatRows(*this, "strands", strands)))
    return failure();
  // merge_strands_c2
  int64_t heads = getHeads(), width = getType().getWidth();
  if (heads < 1 || width % heads)
    return emitOpError("expects 'heads' to divide the width of ")
           << width << ", but they are " << heads;
  if (failed(expectSize(*this, "the width of 'strands'", width + 2 * heads,
                        strands.getWidth())))
    return failure();
  // merge_strands_c3
  return expectRowKernel(*this);
}

LogicalResult BlockLinearOp::verify() {
  RowsType input = getInput().getType(), result = getResult().getType();
  TableType weight = getWeight().getType();
  int64_t blocks = cast<FuncOp>((*this)->getParentOp()).getSlices();
  // block_linear_c1
  if (failed(expectFloatRows(*this, "input", input)) ||
      failed(expectFloatRows(*this, "result", result)))
    return failure();
  // block_linear_c2
  if (failed(expectSize(*this, "the number of rows of the weight",
                        input.getWidth(), weight.getRows())))
    return failure();
  if (input.getWidth() % blocks)
    return emitOpError("expects the slices of the kernel to divide the ")
           << input.getWidth() << " columns of the input, but they are "
           << blocks;
  // block_linear_c3
  if (failed(expectSize(*this, "the width of the result",
                        blocks * weight.getColumns(), result.getWidth())))
    return failure();
  // block_linear_c4
  if (failed(expectOneUnit(*this)))
    return failure();
  // block_linear_c5
  return expectRowsUnit(*this, getRows());
}

/// Whether the kernel has one unit and a slice for each 64 columns of `rows`.
static LogicalResult expectColumnSlices(Operation *op, RowsType rows) {
  if (failed(expectOneUnit(op)))
    return failure();
  return expectSize(op, "'slices' of the kernel",
                    padded(rows.getWidth()) / kPadding,
                    cast<FuncOp>(op->getParentOp()).getSlices());
}

LogicalResult CausalConvOp::verify() {
  RowsType rows = getInput().getType();
  int64_t width = rows.getWidth(), weights = getWeight().getType().getWidth();
  // causal_conv_c1
  if (failed(expectFloatRows(*this, "input", rows)))
    return failure();
  // causal_conv_c2
  if (failed(expectSize(*this, "the width of the bias", width,
                        getBias().getType().getWidth())))
    return failure();
  if (weights < 2 * width || weights % width)
    return emitOpError("expects the width of the weight to be a multiple of ")
           << width << ", at least twice, but it is " << weights;
  // causal_conv_c3
  return expectColumnSlices(*this, rows);
}

LogicalResult RgLruOp::verify() {
  RowsType rows = getInput().getType();
  // rg_lru_c1
  if (failed(expectFloatRows(*this, "input", rows)))
    return failure();
  // rg_lru_c2
  if (failed(expectSize(*this, "the width of the rate", rows.getWidth(),
                        getRate().getType().getWidth())))
    return failure();
  // rg_lru_c3
  return expectColumnSlices(*this, rows);
}

LogicalResult ReadOp::verify() {
  // read_c1
  if (failed(expectOneUnit(*this)))
    return failure();
  int64_t most =
      llvm::divideCeil(packedBytes(getWeight().getType()), kReadBytes);
  int64_t slices = cast<FuncOp>((*this)->getParentOp()).getSlices();
  if (slices > most)
    return emitOpError("expects at most ")
           << most << " slices, but there are " << slices;
  return success();
}

LogicalResult MultiplyOp::verify() {
  // multiply_c1
  return expectOneUnit(*this);
}
