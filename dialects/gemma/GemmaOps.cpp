//===- GemmaOps.cpp - Verifiers and folders of the dialect ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/gemma/Gemma.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace lapidary::gemma;

//===----------------------------------------------------------------------===//
// Spelling of numbers: bare, as the attribute's type is fixed
//===----------------------------------------------------------------------===//

static ParseResult parseOffset(OpAsmParser &parser, IntegerAttr &attr) {
  int64_t value;
  if (parser.parseInteger(value))
    return failure();
  attr = parser.getBuilder().getI64IntegerAttr(value);
  return success();
}

static void printOffset(OpAsmPrinter &printer, Operation *, IntegerAttr attr) {
  printer << attr.getInt();
}

static ParseResult parseFloat(OpAsmParser &parser, FloatAttr &attr) {
  double value;
  if (parser.parseFloat(value))
    return failure();
  attr = parser.getBuilder().getF32FloatAttr(static_cast<float>(value));
  return success();
}

static void printFloat(OpAsmPrinter &printer, Operation *, FloatAttr attr) {
  printer.printAttributeWithoutType(attr);
}

#define GET_OP_CLASSES
#include "dialects/gemma/GemmaOps.cpp.inc"

bool lapidary::gemma::isWeightOp(Operation *op) {
  return isa<WeightOp, ConcatRowsOp, InterleaveRowsOp, InterleaveHalvesOp,
             SliceOp, GatherRowsOp, FillOp, OffsetOp, SoftplusOp, ConvertOp>(
      op);
}

//===----------------------------------------------------------------------===//
// What several verifiers ask
//===----------------------------------------------------------------------===//

static int64_t dim(Value value, int64_t index) {
  return cast<ShapedType>(value.getType()).getDimSize(index);
}

static Type element(Value value) { return getElementTypeOrSelf(value); }

/// Whether `actual` columns, rows ... are what the op needs.
static LogicalResult expectSize(Operation *op, StringRef what, int64_t expected,
                                int64_t actual) {
  if (expected == actual)
    return success();
  return op->emitOpError("expects ")
         << what << " to be " << expected << ", but it is " << actual;
}

static LogicalResult verifyNorm(Operation *op, StringRef name, Value weight,
                                NormAttr norm, int64_t width) {
  if (!weight && !norm)
    return success();
  if (!weight || !norm)
    return op->emitOpError("expects weight and constants of '")
           << name << "' together, but one is missing";
  if (dim(weight, 0) != width)
    return op->emitOpError("expects the weight of '")
           << name << "' to have " << width
           << " elements, one per column, but it has " << dim(weight, 0);
  if (norm.getEpsilon().getValueAsDouble() < 0)
    return op->emitOpError("expects the epsilon of '")
           << name << "' to be at least 0, but it is "
           << norm.getEpsilon().getValueAsDouble();
  return success();
}

static LogicalResult verifyProduct(Operation *op, Value weight,
                                   Product product) {
  bool quantized = isa<QuantType>(element(weight));
  if (quantized == (product == Product::Int8))
    return success();
  return op->emitOpError("expects the product type 'int8' for a quantized "
                         "weight and only there, but it is '")
         << stringifyProduct(product) << "' for " << weight.getType();
}

static LogicalResult verifyWindow(Operation *op, int64_t window) {
  if (window >= 0)
    return success();
  return op->emitOpError("expects 'window' to be at least 0, but it is ")
         << window;
}

static LogicalResult verifySoftcap(Operation *op,
                                   std::optional<APFloat> softcap) {
  if (!softcap || softcap->convertToFloat() > 0)
    return success();
  return op->emitOpError("expects 'softcap' to be positive, but it is ")
         << softcap->convertToFloat();
}

//===----------------------------------------------------------------------===//
// Symbols and weights
//===----------------------------------------------------------------------===//

LogicalResult ParamOp::verify() {
  // param_c1
  if (getOffsetAttr().getInt() < 0)
    return emitOpError("expects 'offset' to be at least 0, but it is ")
           << getOffsetAttr().getInt();
  // param_c2
  if (!cast<ShapedType>(getType()).hasStaticShape())
    return emitOpError("expects a static shape, but it has ") << getType();
  // param_c3
  Type element = getElementTypeOrSelf(getType());
  if (!isa<FloatType>(element) && !element.isInteger(64))
    return emitOpError("expects floats or i64, but it has ") << getType();
  return success();
}

LogicalResult CacheOp::verify() {
  // cache_c1
  return verifyWindow(*this, getWindow());
}

LogicalResult StateOp::verify() {
  // state_c1
  auto type = cast<ShapedType>(getType());
  if (type.hasStaticShape())
    return success();
  return emitOpError("expects a static shape, but it is ") << type;
}

LogicalResult WeightOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // weight_c1
  auto param = symbols.lookupNearestSymbolFrom<ParamOp>(*this, getParamAttr());
  if (!param)
    return emitOpError("expects '")
           << getParam() << "' to name a gemma.param, but there is none";
  if (param.getType() != getType())
    return emitOpError("expects the type of '")
           << getParam() << "', " << param.getType() << ", but it is "
           << getType();
  return success();
}

LogicalResult ConcatRowsOp::verify() {
  // concat_rows_c3
  if (getInputs().empty())
    return emitOpError("expects at least one input");
  int64_t rows = 0;
  for (Value input : getInputs()) {
    rows += dim(input, 0);
    // concat_rows_c1
    if (element(input) != element(getResult()))
      return emitOpError("expects one element type, but an input has ")
             << element(input) << " and the result " << element(getResult());
    if (failed(expectSize(*this, "the number of columns of an input",
                          dim(getResult(), 1), dim(input, 1))))
      return failure();
  }
  // concat_rows_c2
  return expectSize(*this, "the number of rows", rows, dim(getResult(), 0));
}

OpFoldResult ConcatRowsOp::fold(FoldAdaptor) {
  return getInputs().size() == 1 ? getInputs()[0] : OpFoldResult();
}

LogicalResult InterleaveRowsOp::verify() {
  // interleave_rows_c2
  if (element(getEven()) != element(getResult()))
    return emitOpError("expects the result's elements to be ")
           << element(getEven()) << ", but they are " << element(getResult());
  if (failed(expectSize(*this, "the number of columns", dim(getEven(), 1),
                        dim(getResult(), 1))))
    return failure();
  return expectSize(*this, "the number of rows", 2 * dim(getEven(), 0),
                    dim(getResult(), 0));
}

LogicalResult InterleaveHalvesOp::verify() {
  // interleave_halves_c1
  int64_t rows = dim(getResult(), 0), blocks = getBlocksAttr().getInt();
  if (blocks > 0 && rows % (2 * blocks) == 0)
    return success();
  return emitOpError("expects 'blocks' to divide half of the ")
         << rows << " rows, but it is " << blocks;
}

LogicalResult SliceOp::verify() {
  // slice_c1
  ArrayRef<int64_t> at = getAt();
  for (int64_t index : {0, 1})
    if (at.size() != 2 || at[index] < 0 ||
        at[index] + dim(getResult(), index) > dim(getInput(), index))
      return emitOpError("expects a block of ")
             << getInput().getType() << ", but takes " << getType() << " at ["
             << at << "]";
  // slice_c2
  if (element(getInput()) == element(getResult()) &&
      isa<FloatType>(element(getInput())))
    return success();
  return emitOpError("expects floats of one type, but the input has ")
         << element(getInput()) << " and the result " << element(getResult());
}

LogicalResult GatherRowsOp::verify() {
  // gather_rows_c1
  return expectSize(*this, "the length of the order", dim(getInput(), 0),
                    dim(getOrder(), 0));
}

LogicalResult FillOp::verify() {
  // fill_c1
  if (getType().hasStaticShape())
    return success();
  return emitOpError("expects a static shape, but it has ") << getType();
}

LogicalResult OffsetOp::verify() {
  // offset_c1
  return expectSize(*this, "the length", dim(getInput(), 0),
                    dim(getResult(), 0));
}

LogicalResult ConvertOp::verify() {
  // convert_c1
  if (cast<ShapedType>(getInput().getType()).getShape() ==
      cast<ShapedType>(getType()).getShape())
    return success();
  return emitOpError("expects one shape, but the input has ")
         << getInput().getType() << " and the result " << getType();
}

OpFoldResult ConvertOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  // Widening a float is exact, so narrowing it back gives the original.
  auto inner = getInput().getDefiningOp<ConvertOp>();
  if (inner && inner.getInput().getType() == getType() &&
      element(getInput()).isF32() && isa<FloatType>(element(inner.getInput())))
    return inner.getInput();
  return {};
}

//===----------------------------------------------------------------------===//
// Row by row
//===----------------------------------------------------------------------===//

LogicalResult EmbedOp::verify() {
  // embed_c1
  if (failed(expectSize(*this, "the number of rows", dim(getTokens(), 0),
                        dim(getResult(), 0))))
    return failure();
  // embed_c2
  if (failed(expectSize(*this, "the width", dim(getTable(), 1),
                        dim(getResult(), 1))))
    return failure();
  // embed_c3
  std::optional<uint64_t> fallback = getFallback();
  if (!fallback || *fallback < static_cast<uint64_t>(dim(getTable(), 0)))
    return success();
  return emitOpError("expects 'fallback' to be one of the ")
         << dim(getTable(), 0) << " rows, but it is "
         << getFallbackAttr().getInt();
}

LogicalResult SubstituteOp::verify() {
  // substitute_c1
  if (failed(expectSize(*this, "the number of tokens", dim(getInput(), 0),
                        dim(getTokens(), 0))))
    return failure();
  // substitute_c2
  return expectSize(*this, "the length of the row", dim(getInput(), 1),
                    dim(getRow(), 0));
}

OpFoldResult ScaleOp::fold(FoldAdaptor) {
  return getFactor().isExactlyValue(1.0) ? getInput() : OpFoldResult();
}

LogicalResult SoftplusOp::verify() {
  // softplus_c1
  return expectSize(*this, "the length of the result", dim(getInput(), 0),
                    dim(getResult(), 0));
}

LogicalResult BiasOp::verify() {
  // bias_c1
  return expectSize(*this, "the length of the weight", dim(getInput(), 1),
                    dim(getWeight(), 0));
}

LogicalResult ScaleByOp::verify() {
  // scale_by_c1
  int64_t width = dim(getInput(), 1), length = dim(getWeight(), 0);
  if (length == 1 || length == width)
    return success();
  return emitOpError("expects the weight to have 1 or ")
         << width << " elements, but it has " << length;
}

LogicalResult SliceColumnsOp::verify() {
  // slice_columns_c1
  int64_t from = getFromAttr().getInt();
  if (from >= 0 && from + dim(getResult(), 1) <= dim(getInput(), 1))
    return success();
  return emitOpError("expects columns of the ")
         << dim(getInput(), 1) << " of the input, but takes "
         << dim(getResult(), 1) << " from " << from << " on";
}

LogicalResult RmsNormOp::verify() {
  int64_t width = cast<ShapedType>(getType()).getShape().back();
  int64_t length = dim(getWeight(), 0);
  // rms_norm_c2
  if (length == 0 || width % length)
    return emitOpError("expects the weight's length to divide the ")
           << width << " columns, but it is " << length;
  // rms_norm_c3
  return verifyNorm(*this, "norm", getWeight(), getNorm(), length);
}

void LinearOp::build(OpBuilder &builder, OperationState &state, Type result,
                     Value input, Value weight) {
  build(builder, state, result, input, weight, Value(), Value(), Value(),
        Product::F32, NormAttr(), NormAttr(), FloatAttr());
}

LogicalResult LinearOp::verify() {
  // linear_c1
  if (failed(expectSize(*this, "the width of the input", dim(getWeight(), 1),
                        dim(getInput(), 1))))
    return failure();
  // linear_c2
  if (failed(expectSize(*this, "the number of rows of the result",
                        dim(getInput(), 0), dim(getResult(), 0))) ||
      failed(expectSize(*this, "the width of the result", dim(getWeight(), 0),
                        dim(getResult(), 1))))
    return failure();
  // linear_c3
  if (failed(verifyNorm(*this, "norm", getNormWeight(), getNormAttr(),
                        dim(getInput(), 1))) ||
      failed(verifyNorm(*this, "post_norm", getPostNormWeight(),
                        getPostNormAttr(), dim(getResult(), 1))))
    return failure();
  // linear_c4
  if (getResidual() && getResidual().getType() != getType())
    return emitOpError("expects the residual to be ")
           << getType() << ", but it is " << getResidual().getType();
  // linear_c5
  if (failed(verifyProduct(*this, getWeight(), getProduct())))
    return failure();
  // linear_c6
  return verifySoftcap(*this, getSoftcap());
}

LogicalResult GatedLinearOp::verify() {
  // gated_linear_c1
  if (failed(expectSize(*this, "the width of the input", dim(getWeight(), 1),
                        dim(getInput(), 1))))
    return failure();
  // gated_linear_c2
  if (failed(expectSize(*this, "the number of rows of the result",
                        dim(getInput(), 0), dim(getResult(), 0))) ||
      failed(expectSize(*this, "twice the width of the result",
                        dim(getWeight(), 0), 2 * dim(getResult(), 1))))
    return failure();
  // gated_linear_c3
  if (failed(verifyNorm(*this, "norm", getNormWeight(), getNormAttr(),
                        dim(getInput(), 1))))
    return failure();
  // gated_linear_c4
  return verifyProduct(*this, getWeight(), getProduct());
}

LogicalResult SplitHeadsOp::verify() {
  int64_t width = 0;
  for (Value result : getResults()) {
    width += dim(result, 1) * dim(result, 2);
    // split_heads_c1
    if (failed(expectSize(*this, "the number of rows of a result",
                          dim(getInput(), 0), dim(result, 0))))
      return failure();
  }
  // split_heads_c2
  return expectSize(*this, "the width of all heads", dim(getInput(), 1), width);
}

LogicalResult SoftcapOp::verify() {
  // softcap_c1
  if (getCap().convertToFloat() > 0)
    return success();
  return emitOpError("expects 'cap' to be positive, but it is ")
         << getCap().convertToFloat();
}

//===----------------------------------------------------------------------===//
// Alternating updates
//===----------------------------------------------------------------------===//

LogicalResult MatchRmsOp::verify() {
  // match_rms_c1
  if (getFloor().convertToFloat() > 0)
    return success();
  return emitOpError("expects 'floor' to be positive, but it is ")
         << getFloor().convertToFloat();
}

/// What both alternating updates ask of their streams.
static LogicalResult verifyStreams(Operation *op, ValueRange streams,
                                   int64_t coefs, int64_t expectedCoefs) {
  if (streams.empty() || streams.size() != op->getNumResults())
    return op->emitOpError("expects streams and as many results, but there "
                           "are ")
           << streams.size() << " and " << op->getNumResults();
  Type type = streams.front().getType();
  auto isAlike = [&](Type other) { return other == type; };
  if (!llvm::all_of(streams.getTypes(), isAlike) ||
      !llvm::all_of(op->getResultTypes(), isAlike))
    return op->emitOpError("expects all streams and results to be ") << type;
  return expectSize(op, "the number of coefficients", expectedCoefs, coefs);
}

LogicalResult AltupPredictOp::verify() {
  // altup_predict_c1, altup_predict_c2, altup_predict_c3
  int64_t count = getStreams().size();
  return verifyStreams(*this, getStreams(), dim(getCoefs(), 1), count * count);
}

LogicalResult AltupCorrectOp::verify() {
  // altup_correct_c1, altup_correct_c2, altup_correct_c3
  int64_t count = getPredictions().size();
  if (failed(verifyStreams(*this, getPredictions(), dim(getCoefs(), 1), count)))
    return failure();
  if (getActivated().getType() != getPredictions().front().getType())
    return emitOpError("expects the activated rows to be ")
           << getPredictions().front().getType() << ", but they are "
           << getActivated().getType();
  // altup_correct_c4
  int64_t active = getActiveAttr().getInt();
  if (active >= 0 && active < count)
    return success();
  return emitOpError("expects 'active' to be one of the ")
         << count << " predictions, but it is " << active;
}

//===----------------------------------------------------------------------===//
// Experts
//===----------------------------------------------------------------------===//

LogicalResult RouteOp::verify() {
  // route_c1
  int64_t experts = getType().getExperts();
  if (failed(expectSize(*this, "the number of scores", experts,
                        dim(getScores(), 1))))
    return failure();
  return expectSize(*this, "the number of scales", experts,
                    dim(getScales(), 0));
}

LogicalResult ExpertsOp::verify() {
  int64_t experts = getRouting().getType().getExperts();
  int64_t inner = dim(getDown(), 1);
  // experts_c1
  if (failed(expectSize(*this, "the number of rows of 'gate_up'",
                        2 * experts * inner, dim(getGateUp(), 0))) ||
      failed(expectSize(*this, "the number of rows of 'down'",
                        experts * dim(getResult(), 1), dim(getDown(), 0))))
    return failure();
  // experts_c2
  if (failed(expectSize(*this, "the width of the input", dim(getGateUp(), 1),
                        dim(getInput(), 1))))
    return failure();
  // experts_c3
  if (failed(verifyProduct(*this, getGateUp(), getProduct())))
    return failure();
  return verifyProduct(*this, getDown(), getProduct());
}

LogicalResult ClusteredLinearOp::verify() {
  int64_t rows = dim(getWeight(), 0), clusters = dim(getScores(), 1);
  // clustered_linear_c1
  if (failed(expectSize(*this, "the length of the order", rows,
                        dim(getOrder(), 0))) ||
      failed(expectSize(*this, "the width of the result", rows,
                        dim(getResult(), 1))))
    return failure();
  // clustered_linear_c2
  if (clusters == 0 || rows % clusters)
    return emitOpError("expects the number of scores to divide the ")
           << rows << " rows of the weight, but it is " << clusters;
  // clustered_linear_c3
  if (failed(expectSize(*this, "the width of the input", dim(getWeight(), 1),
                        dim(getInput(), 1))))
    return failure();
  // clustered_linear_c4
  int64_t top = getTopAttr().getInt();
  if (top < 1 || top > clusters)
    return emitOpError("expects 'top' to be 1 to ")
           << clusters << ", but it is " << top;
  // clustered_linear_c5
  return verifyProduct(*this, getWeight(), getProduct());
}

//===----------------------------------------------------------------------===//
// Positions, past and other rows
//===----------------------------------------------------------------------===//

LogicalResult MeanRowsOp::verify() {
  // mean_rows_c1
  return expectSize(*this, "the width", dim(getInput(), 1),
                    dim(getResult(), 1));
}

LogicalResult SelectRowsOp::verify() {
  // select_rows_c1
  auto shapeOf = [](Value value) {
    return cast<ShapedType>(value.getType()).getShape().drop_front();
  };
  if (shapeOf(getInput()) == shapeOf(getResult()))
    return success();
  return emitOpError("expects rows like those of ")
         << getInput().getType() << ", but gives " << getType();
}

LogicalResult RopeTableOp::verify() {
  // rope_table_c1
  if (dim(getResult(), 1) % 2)
    return emitOpError("expects an even width, but it is ")
           << dim(getResult(), 1);
  // rope_table_c2
  if (getBase().convertToFloat() <= 0 || getFactor().convertToFloat() <= 0)
    return emitOpError(
               "expects 'base' and 'factor' to be positive, but they are ")
           << getBase().convertToFloat() << " and "
           << getFactor().convertToFloat();
  // rope_table_c3
  uint64_t half = dim(getResult(), 1) / 2;
  if (getPairs().value_or(half) <= half)
    return success();
  return emitOpError("expects 'pairs' to be 0 to ")
         << half << ", but it is " << getPairsAttr().getInt();
}

LogicalResult RopeOp::verify() {
  // rope_c1
  int64_t width = dim(getTable(), 1);
  if (width % 2 == 0 && width <= dim(getInput(), 2))
    return success();
  return emitOpError("expects the width of the table to be even and at most ")
         << dim(getInput(), 2) << ", but it is " << width;
}

/// Whether `name` is a cache of the type of the operation's result.
static LogicalResult verifyCache(Operation *op, FlatSymbolRefAttr name,
                                 SymbolTableCollection &symbols) {
  auto cache = symbols.lookupNearestSymbolFrom<CacheOp>(op, name);
  if (!cache)
    return op->emitOpError("expects '")
           << name.getValue() << "' to name a gemma.cache, but there is none";
  Type type = op->getResult(0).getType();
  if (cache.getType() == type)
    return success();
  return op->emitOpError("expects the type of '")
         << name.getValue() << "', " << cache.getType() << ", but it is "
         << type;
}

LogicalResult AppendOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // append_c1
  return verifyCache(*this, getCacheAttr(), symbols);
}

LogicalResult AppendValuesOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // append_values_c1
  return verifyCache(*this, getCacheAttr(), symbols);
}

LogicalResult PastOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // past_c1
  return verifyCache(*this, getCacheAttr(), symbols);
}

/// Whether `heads` are of the sizes of what `op` appends them to, which keeps
/// values only or not.
static LogicalResult verifyAppended(Operation *op, const Twine &what,
                                    Value heads, KvType type, bool valuesOnly) {
  if (failed(expectSize(op, ("the number of " + what + " heads").str(),
                        type.getHeads(), dim(heads, 1))) ||
      failed(expectSize(op, ("the head_dim of the " + what + "s").str(),
                        type.getDim(), dim(heads, 2))))
    return failure();
  if (type.getValuesOnly() == valuesOnly)
    return success();
  return op->emitOpError("expects a cache that keeps ")
         << (valuesOnly ? "values only" : "keys") << ", but it is " << type;
}

LogicalResult AppendOp::verify() {
  // append_c2, append_c3
  return verifyAppended(*this, "key", getKey(), getType(), false);
}

LogicalResult AppendValuesOp::verify() {
  // append_values_c2, append_values_c3
  return verifyAppended(*this, "value", getValue(), getType(), true);
}

/// What keys follow from values by is there where it is needed, and fits.
static LogicalResult verifyKeys(AttentionOp op) {
  KvType kv = op.getKv().getType();
  bool hasWeight = op.getKeyWeight() != nullptr;
  if (kv.getValuesOnly() != hasWeight)
    return op.emitOpError("expects 'keys' with a cache that keeps values only, "
                          "and with no other, but it is ")
           << kv;
  if (op.getSource() && op.getSource().getType().getValuesOnly())
    return op.emitOpError("expects a source that keeps keys, but it is ")
           << op.getSource().getType();
  if (!hasWeight)
    return success();
  RotationAttr rotation = *op.getRotation();
  int64_t width = rotation.getWidth(), pairs = rotation.getPairs();
  if (width < 0 || width % 2 || width > kv.getDim() || pairs < 0 ||
      pairs > width / 2)
    return op.emitOpError("expects 'rotation' of an even width of at most ")
           << kv.getDim() << " and at most half as many pairs, but it is "
           << rotation;
  return expectSize(op, "the length of the keys' weight", kv.getDim(),
                    dim(op.getKeyWeight(), 0));
}

LogicalResult AttentionOp::verify() {
  KvType kv = getKv().getType();
  // attention_c1
  if (failed(expectSize(*this, "the head_dim of the queries", kv.getDim(),
                        dim(getQuery(), 2))))
    return failure();
  if (getSource() && getSource().getType() != kv)
    return emitOpError("expects the source to be ")
           << kv << ", but it is " << getSource().getType();
  // attention_c2
  int64_t heads = dim(getQuery(), 1);
  if (heads <= 0 || heads % kv.getHeads())
    return emitOpError("expects the number of query heads to be a multiple of "
                       "the cache's ")
           << kv.getHeads() << ", but it is " << heads;
  // attention_c3
  if (failed(expectSize(*this, "the width of the result", heads * kv.getDim(),
                        dim(getResult(), 1))))
    return failure();
  // attention_c4
  if (failed(verifyWindow(*this, getWindow())))
    return failure();
  // attention_c5
  if (failed(verifySoftcap(*this, getSoftcap())))
    return failure();
  // attention_c6
  IntegerAttr ahead = getAheadAttr();
  if (ahead && (ahead.getInt() < 0 || !getBidirectional() || getWindow() == 0))
    return emitOpError("expects 'ahead' to be at least 0, with 'bidirectional' "
                       "and a window, but it is ")
           << ahead.getInt();
  // attention_c7
  return verifyKeys(*this);
}

//===----------------------------------------------------------------------===//
// Recurrence
//===----------------------------------------------------------------------===//

LogicalResult BlockLinearOp::verify() {
  // block_linear_c1
  int64_t columns = dim(getInput(), 1), blocks = getBlocks();
  if (blocks < 1 || columns % blocks)
    return emitOpError("expects 'blocks' to divide the ")
           << columns << " columns of the input, but it is " << blocks;
  if (failed(expectSize(*this, "the number of rows of the weight", columns,
                        dim(getWeight(), 0))))
    return failure();
  // block_linear_c2
  return expectSize(*this, "the width of the result",
                    blocks * dim(getWeight(), 1), dim(getResult(), 1));
}

/// The state called `name`, if it is one for rows of `width` columns.
static FailureOr<StateOp> findState(Operation *op, FlatSymbolRefAttr name,
                                    SymbolTableCollection &symbols,
                                    int64_t width) {
  auto state = symbols.lookupNearestSymbolFrom<StateOp>(op, name);
  if (!state)
    return op->emitOpError("expects '")
           << name.getValue() << "' to name a gemma.state, but there is none";
  int64_t actual = cast<ShapedType>(state.getType()).getDimSize(1);
  if (failed(expectSize(op, "the width of the state", width, actual)))
    return failure();
  return state;
}

LogicalResult CausalConvOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // causal_conv_c1
  int64_t width = dim(getInput(), 1);
  FailureOr<StateOp> state = findState(*this, getStateAttr(), symbols, width);
  if (failed(state))
    return failure();
  // causal_conv_c2
  int64_t taps = cast<ShapedType>(state->getType()).getDimSize(0) + 1;
  if (failed(expectSize(*this, "the length of the weight", taps * width,
                        dim(getWeight(), 0))))
    return failure();
  return expectSize(*this, "the length of the bias", width, dim(getBias(), 0));
}

LogicalResult RgLruOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // rg_lru_c1
  int64_t width = dim(getInput(), 1);
  FailureOr<StateOp> state = findState(*this, getStateAttr(), symbols, width);
  if (failed(state))
    return failure();
  if (failed(expectSize(*this, "the number of rows of the state", 1,
                        cast<ShapedType>(state->getType()).getDimSize(0))))
    return failure();
  // rg_lru_c2
  return expectSize(*this, "the length of the rate", width, dim(getRate(), 0));
}
