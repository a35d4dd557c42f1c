//===- ModelBuilder.cpp - Writes a text model in gemma ops ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/ModelBuilder.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

ModelBuilder::ModelBuilder(ModuleOp module, Weights &weights,
                           StringRef functionName, StringRef symbolPrefix)
    : weights(weights), module(module), symbolPrefix(symbolPrefix),
      symbols(module.getContext()), body(module.getContext()),
      location(UnknownLoc::get(module.getContext())) {
  auto type = FunctionType::get(
      module.getContext(),
      {RankedTensorType::get({ShapedType::kDynamic}, body.getI32Type()),
       gemma::BatchType::get(module.getContext())},
      {});
  body.setInsertionPointToEnd(module.getBody());
  function = func::FuncOp::create(body, location, functionName, type);
  symbols.setInsertionPoint(function);
  body.setInsertionPointToStart(function.addEntryBlock());
}

Value ModelBuilder::addInput(int64_t width) {
  return function.getBody().addArgument(rowsType({width}), location);
}

void ModelBuilder::enter(const Twine &newPart) {
  part = newPart.str();
  location = NameLoc::get(body.getStringAttr(part));
}

void ModelBuilder::enterModel(StringRef name) {
  root = (name + ".").str();
  enter("");
}

std::string ModelBuilder::qualify(StringRef name) const {
  return root + (part.empty() ? name.str() : part + "." + name.str());
}

/// A location that names a weight.
Location ModelBuilder::locate(StringRef name) {
  return NameLoc::get(body.getStringAttr(qualify(name)));
}

RankedTensorType ModelBuilder::rowsType(ArrayRef<int64_t> widths) {
  SmallVector<int64_t> shape = {ShapedType::kDynamic};
  llvm::append_range(shape, widths);
  return RankedTensorType::get(shape, body.getF32Type());
}

static Type getElementType(Builder &builder, ElementType type) {
  if (type == ElementType::BF16)
    return builder.getBF16Type();
  if (type == ElementType::F16)
    return builder.getF16Type();
  if (type == ElementType::I64)
    return builder.getI64Type();
  return builder.getF32Type();
}

Value ModelBuilder::param(StringRef name, Expected<const Tensor *> tensor,
                          ArrayRef<int64_t> shape) {
  std::string symbol = symbolPrefix + name.str();
  Value &known = params[symbol];
  if (known)
    return known;
  Type element = body.getF32Type();
  StringRef file;
  int64_t offset = 0;
  if (tensor) {
    element = getElementType(body, (*tensor)->type);
    file = (*tensor)->file;
    offset = (*tensor)->fileOffset;
  } else {
    std::string message = toString(tensor.takeError());
    if (firstError.empty())
      firstError = std::move(message);
  }
  auto type = RankedTensorType::get(shape, element);
  Location origin = NameLoc::get(body.getStringAttr(symbol));
  if (!module.lookupSymbol(symbol))
    gemma::ParamOp::create(symbols, origin, symbol, type, file, offset);
  return known = gemma::WeightOp::create(body, origin, type, symbol);
}

Value ModelBuilder::tensor(StringRef name, ArrayRef<int64_t> shape) {
  std::string symbol = qualify(name);
  return param(symbol, weights.take(symbol, shape), shape);
}

Value ModelBuilder::stack(StringRef name, std::array<int64_t, 3> shape) {
  std::string symbol = qualify(name);
  return param(symbol, weights.take(symbol, shape),
               {shape[0] * shape[1], shape[2]});
}

Value ModelBuilder::flat(StringRef name, ArrayRef<int64_t> shape) {
  std::string symbol = qualify(name);
  return param(symbol, weights.take(symbol, shape), llvm::product_of(shape));
}

Value ModelBuilder::weight(StringRef name, ArrayRef<int64_t> shape) {
  std::string symbol = qualify(name);
  return param(symbol, weights.take(symbol + ".weight", shape), shape);
}

void ModelBuilder::ignore(StringRef name) {
  weights.ignore(qualify(name) + ".weight");
}

void ModelBuilder::ignorePart(const Twine &part) {
  weights.ignoreBelow((part + ".").str());
}

Value ModelBuilder::weight(StringRef symbol, const Tensor &tensor) {
  return param(symbol, &tensor, tensor.shape);
}

Value ModelBuilder::headWeight(ArrayRef<int64_t> shape) {
  return param("lm_head", weights.takeHead(shape), shape);
}

Value ModelBuilder::outerWeight(StringRef name, ArrayRef<int64_t> shape) {
  return param(name, weights.takeOutside((name + ".weight").str(), shape),
               shape);
}

Value ModelBuilder::outerOrder(StringRef name, int64_t length) {
  return param(name, weights.takeOrder(name, length), {length});
}

Value ModelBuilder::existing(gemma::ParamOp param) {
  return gemma::WeightOp::create(body, param.getLoc(), param.getType(),
                                 param.getSymName());
}

Value ModelBuilder::past(gemma::CacheOp cache) {
  return create<gemma::PastOp>(cache.getType(), cache.getSymName());
}

Value ModelBuilder::sliceWeight(Value matrix, int64_t from, int64_t width) {
  int64_t rows = cast<RankedTensorType>(matrix.getType()).getDimSize(0);
  return block(matrix, {0, from}, {rows, width});
}

Value ModelBuilder::block(Value matrix, std::array<int64_t, 2> at,
                          std::array<int64_t, 2> shape) {
  auto type = cast<RankedTensorType>(matrix.getType());
  if (type.getShape() == ArrayRef<int64_t>(shape))
    return matrix;
  return create<gemma::SliceOp>(type.clone(shape), matrix,
                                body.getDenseI64ArrayAttr(at));
}

/// The size of the last dimension of `value`.
static int64_t getWidth(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape().back();
}

Value ModelBuilder::embed(Value table, std::optional<int64_t> fallback) {
  return create<gemma::EmbedOp>(rowsType({getWidth(table)}), getTokens(), table,
                                body.getF32FloatAttr(1.0f),
                                fallback ? body.getI64IntegerAttr(*fallback)
                                         : IntegerAttr());
}

Value ModelBuilder::substitute(Value input, int64_t token, Value row) {
  return create<gemma::SubstituteOp>(input.getType(), input, getTokens(),
                                     body.getI64IntegerAttr(token), row);
}

Value ModelBuilder::scale(Value input, float factor) {
  return create<gemma::ScaleOp>(input.getType(), input,
                                body.getF32FloatAttr(factor));
}

Value ModelBuilder::scaleBy(Value input, Value weight) {
  return create<gemma::ScaleByOp>(input.getType(), input, weight);
}

Value ModelBuilder::sliceColumns(Value input, int64_t from, int64_t width) {
  return create<gemma::SliceColumnsOp>(rowsType({width}), input,
                                       body.getI64IntegerAttr(from));
}

Value ModelBuilder::norm(Value input, StringRef name, gemma::NormAttr norm) {
  return normStretches(input, name, getWidth(input), norm);
}

Value ModelBuilder::normStretches(Value input, StringRef name, int64_t length,
                                  gemma::NormAttr norm) {
  Value scale = weight(name, {length});
  return gemma::RmsNormOp::create(body, locate(name), input.getType(), input,
                                  scale, norm);
}

Value ModelBuilder::plainNorm(Value input, gemma::NormAttr norm) {
  auto type = RankedTensorType::get({getWidth(input)}, body.getF32Type());
  Value ones = create<gemma::FillOp>(type, body.getF32FloatAttr(1.0f));
  return normBy(input, ones, norm);
}

Value ModelBuilder::normBy(Value input, Value weight, gemma::NormAttr norm) {
  return create<gemma::RmsNormOp>(input.getType(), input, weight, norm);
}

Value ModelBuilder::linear(Value input, StringRef name, int64_t width) {
  return product(input, weight(name, {width, getWidth(input)}), name);
}

Value ModelBuilder::biasedLinear(Value input, StringRef name, int64_t width) {
  Value y = linear(input, name, width);
  return create<gemma::BiasOp>(y, tensor((name + ".bias").str(), {width}));
}

Value ModelBuilder::linear(Value input, StringRef name, int64_t width,
                           std::array<int64_t, 2> stored) {
  Value matrix = block(weight(name, stored), {0, 0}, {width, getWidth(input)});
  return product(input, matrix, name);
}

Value ModelBuilder::splitHeads(Value input, int64_t heads) {
  auto split = gemma::SplitHeadsOp::create(
      body, location, TypeRange{rowsType({heads, getWidth(input) / heads})},
      input);
  return split.getResult(0);
}

Value ModelBuilder::appendTo(const Twine &cache, Value key, Value value,
                             int64_t window, bool isSource) {
  auto keyType = cast<RankedTensorType>(key.getType());
  auto type = gemma::KvType::get(body.getContext(), keyType.getDimSize(1),
                                 keyType.getDimSize(2), /*values_only=*/false);
  std::string name = cache.str();
  // Models within each other have one, of which a sequence needs one.
  if (!module.lookupSymbol(name))
    gemma::CacheOp::create(symbols, location, name, type, window, isSource);
  return create<gemma::AppendOp>(type, key, value, getBatch(), name);
}

Value ModelBuilder::append(Value key, Value value, int64_t window,
                           bool isSource) {
  return appendTo(root + part, key, value, window, isSource);
}

void ModelBuilder::appendForDecoder(Value key, Value value) {
  appendTo(root + part + ".source", key, value, /*window=*/0,
           /*isSource=*/true);
}

Value ModelBuilder::sourceOfDecoder() {
  return past(module.lookupSymbol<gemma::CacheOp>(root + part + ".source"));
}

/// The symbol of a new state of rows like `<part>.<name>` makes.
StringRef ModelBuilder::declareState(StringRef name, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, body.getF32Type());
  return gemma::StateOp::create(symbols, location, qualify(name) + ".state",
                                type)
      .getSymName();
}

Value ModelBuilder::causalConv(Value input, StringRef name, int64_t taps) {
  int64_t width = getWidth(input);
  Value weight = flat((name + ".weight").str(), {width, 1, taps});
  Value bias = tensor((name + ".bias").str(), {width});
  return create<gemma::CausalConvOp>(input.getType(), input, weight, bias,
                                     getBatch(),
                                     declareState(name, {taps - 1, width}));
}

Value ModelBuilder::rgLru(Value input, Value inputGate, Value recurrenceGate,
                          StringRef name) {
  int64_t width = getWidth(input);
  Value param = tensor((name + ".recurrent_param").str(), {width});
  Value rate = create<gemma::SoftplusOp>(
      RankedTensorType::get({width}, body.getF32Type()), param);
  return create<gemma::RgLruOp>(input.getType(), input, inputGate,
                                recurrenceGate, rate, getBatch(),
                                declareState(name, {1, width}));
}

Value ModelBuilder::selectRows(Value input) {
  return create<gemma::SelectRowsOp>(input.getType(), input, getBatch());
}

Value ModelBuilder::meanRows(Value input) {
  return create<gemma::MeanRowsOp>(input.getType(), input, getBatch());
}

Value ModelBuilder::ropeTable(const RopeFacts &rope, int64_t headDim,
                              int64_t ahead) {
  IntegerAttr pairs;
  if (rope.share < 1.0)
    pairs = body.getI64IntegerAttr(rope.share * headDim / 2);
  return create<gemma::RopeTableOp>(
      rowsType({headDim}), getBatch(), body.getF32FloatAttr(rope.base),
      body.getF32FloatAttr(rope.factor), pairs, body.getI64IntegerAttr(ahead));
}

Value ModelBuilder::attention(Value query, Value kv,
                              const AttentionFacts &facts, Value source) {
  auto type = cast<RankedTensorType>(query.getType());
  return create<gemma::AttentionOp>(
      rowsType({type.getDimSize(1) * type.getDimSize(2)}), query, kv,
      getBatch(), source, /*key_weight=*/Value(), gemma::RotationAttr(),
      body.getF32FloatAttr(facts.scale), body.getI64IntegerAttr(facts.window),
      facts.softcap ? body.getF32FloatAttr(*facts.softcap) : FloatAttr(),
      facts.isBidirectional ? body.getUnitAttr() : UnitAttr(),
      facts.ahead ? body.getI64IntegerAttr(*facts.ahead) : IntegerAttr(),
      /*wanted=*/UnitAttr());
}

Value ModelBuilder::product(Value input, Value matrix, StringRef name) {
  int64_t width = cast<RankedTensorType>(matrix.getType()).getDimSize(0);
  return gemma::LinearOp::create(body, locate(name), rowsType({width}), input,
                                 matrix);
}

Value ModelBuilder::softcap(Value input, float cap) {
  return create<gemma::SoftcapOp>(input.getType(), input,
                                  body.getF32FloatAttr(cap));
}

Value ModelBuilder::gaussianTopK(Value input, float deviations) {
  return create<gemma::GaussianTopKOp>(input.getType(), input,
                                       body.getF32FloatAttr(deviations));
}

Value ModelBuilder::matchRms(Value input, Value target, float floor) {
  return create<gemma::MatchRmsOp>(input.getType(), input, target,
                                   body.getF32FloatAttr(floor));
}

SmallVector<Value> ModelBuilder::altupPredict(Value coefs, ValueRange streams) {
  auto predict = gemma::AltupPredictOp::create(
      body, location, streams.getTypes(), coefs, streams);
  return llvm::to_vector_of<Value>(predict.getResults());
}

SmallVector<Value> ModelBuilder::altupCorrect(Value coefs, Value activated,
                                              ValueRange predictions,
                                              int64_t active) {
  auto correct =
      gemma::AltupCorrectOp::create(body, location, predictions.getTypes(),
                                    coefs, activated, predictions, active);
  return llvm::to_vector_of<Value>(correct.getResults());
}

Value ModelBuilder::route(Value scores, Value scales, int64_t top) {
  auto type = gemma::RoutingType::get(body.getContext(), getWidth(scores), top);
  return create<gemma::RouteOp>(type, scores, scales);
}

Value ModelBuilder::experts(Value input, Value routing, Value gateUp,
                            Value down, int64_t width) {
  int64_t count = cast<gemma::RoutingType>(routing.getType()).getExperts();
  gateUp = create<gemma::InterleaveHalvesOp>(gateUp.getType(), gateUp,
                                             body.getI64IntegerAttr(count));
  return create<gemma::ExpertsOp>(rowsType({width}), input, routing, gateUp,
                                  down);
}

Value ModelBuilder::clusteredLinear(Value input, Value scores, Value table,
                                    Value order, int64_t top) {
  auto type = cast<RankedTensorType>(table.getType());
  Value sorted = create<gemma::GatherRowsOp>(table.getType(), table, order);
  return create<gemma::ClusteredLinearOp>(
      rowsType({type.getDimSize(0)}), input, scores, sorted, order,
      body.getI64IntegerAttr(top),
      gemma::ProductAttr::get(body.getContext(), gemma::Product::F32));
}

gemma::NormAttr ModelBuilder::normAttr(double epsilon, double weightOffset) {
  return gemma::NormAttr::get(body.getContext(), body.getF32FloatAttr(epsilon),
                              body.getF32FloatAttr(weightOffset));
}

void huggingface::reportUnused(MLIRContext &context, const Weights &weights) {
  Location unknown = UnknownLoc::get(&context);
  size_t encoderTensors = weights.getEncoderTensors().size();
  if (encoderTensors != 0)
    emitRemark(unknown) << "left out " << encoderTensors
                        << " tensors of image and audio encoders";
  for (const Tensor *tensor : weights.getUnusedTensors())
    emitWarning(unknown) << tensor->file << ": tensor '" << tensor->name
                         << "' is not used";
}

llvm::Error ModelBuilder::finish(ValueRange results) {
  if (!firstError.empty())
    return llvm::createStringError(llvm::inconvertibleErrorCode(), firstError);
  func::ReturnOp::create(body, location, results);
  function.setFunctionType(FunctionType::get(
      module.getContext(), function.getBody().getArgumentTypes(),
      results.getTypes()));
  return llvm::Error::success();
}
