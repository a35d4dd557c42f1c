//===- Evaluator.cpp - The reference evaluator ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/gemma/Evaluator.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace lapidary::gemma;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

static int64_t countBytes(ShapedType type) {
  return type.getNumElements() * type.getElementTypeBitWidth() / 8;
}

/// Reads little-endian numbers of 64 bits.
static Tensor readIntegers(StringRef bytes, ShapedType type) {
  Tensor result(type.getShape());
  for (auto [index, value] : llvm::enumerate(result.values))
    value = static_cast<int64_t>(
        llvm::support::endian::read64le(bytes.data() + index * 8));
  return result;
}

/// Reads little-endian numbers of the format of `type`.
static Tensor readNumbers(StringRef bytes, ShapedType type) {
  if (type.getElementType().isInteger())
    return readIntegers(bytes, type);
  const llvm::fltSemantics &semantics =
      cast<FloatType>(type.getElementType()).getFloatSemantics();
  unsigned size = type.getElementTypeBitWidth() / 8;
  Tensor result(type.getShape());
  for (auto [index, value] : llvm::enumerate(result.values)) {
    const char *source = bytes.data() + index * size;
    uint32_t bits = size == 4 ? llvm::support::endian::read32le(source)
                              : llvm::support::endian::read16le(source);
    value =
        llvm::APFloat(semantics, llvm::APInt(8 * size, bits)).convertToFloat();
  }
  return result;
}

/// Opens the file of `param` unless it is open.
Error Evaluator::open(ParamOp param, StringRef sourceDirectory) {
  auto type = cast<ShapedType>(param.getType());
  llvm::SmallString<128> path(param.getFile());
  if (llvm::sys::path::is_relative(path)) {
    path = sourceDirectory;
    llvm::sys::path::append(path, param.getFile());
  }
  std::unique_ptr<llvm::MemoryBuffer> &file = files[param.getFile()];
  if (!file) {
    auto opened = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!opened)
      return llvm::createFileError(path, opened.getError());
    file = std::move(*opened);
  }
  int64_t end = param.getOffset() + countBytes(type);
  if (end <= static_cast<int64_t>(file->getBufferSize()))
    return Error::success();
  return createStringError(path + ": parameter '" + param.getSymName() +
                           "' ends at byte " + llvm::Twine(end) +
                           ", but the file has only " +
                           llvm::Twine(file->getBufferSize()));
}

Evaluator::SharedTensor Evaluator::readParam(StringRef name) {
  SharedTensor &known = params[name];
  if (!known) {
    auto param = module.lookupSymbol<ParamOp>(name);
    auto type = cast<ShapedType>(param.getType());
    StringRef bytes = files[param.getFile()]->getBuffer().substr(
        param.getOffset(), countBytes(type));
    known = std::make_shared<Tensor>(readNumbers(bytes, type));
  }
  return known;
}

Expected<std::unique_ptr<Evaluator>>
Evaluator::create(ModuleOp module, StringRef sourceDirectory) {
  std::unique_ptr<Evaluator> evaluator(new Evaluator(module));
  for (ParamOp param : module.getOps<ParamOp>())
    if (Error error = evaluator->open(param, sourceDirectory))
      return error;
  return evaluator;
}

//===----------------------------------------------------------------------===//
// One call
//===----------------------------------------------------------------------===//

/// The values of one call of one function.
class Evaluator::Frame {
public:
  Frame(Evaluator &evaluator, const Batch &batch)
      : evaluator(evaluator), batch(batch) {}

  void define(Value value, Tensor tensor) {
    define(value, std::make_shared<Tensor>(std::move(tensor)));
  }
  /// Evaluates all operations of `block`.
  Error run(Block &block);
  /// The values that `terminator` returns.
  std::vector<Tensor> getResults(Operation *terminator) const;

private:
  void define(Value value, SharedTensor tensor);
  void define(ValueRange values, std::vector<Tensor> tensors);
  const Tensor &get(Value value) const;
  SmallVector<const Tensor *> getAll(ValueRange values) const;
  Tensor normalize(Value input, Value weight,
                   std::optional<NormAttr> norm) const;
  Error checkRows(Operation *op, const Tensor &input) const;
  Expected<State &> findState(Operation *op, StringRef name,
                              const Tensor &input);
  Expected<Cache &> appendRows(Operation *op, StringRef name, const Tensor &key,
                               const Tensor &value);

  Error run(Operation *op);
  Error run(SplitHeadsOp op);
  Error run(AltupPredictOp op);
  Error run(AltupCorrectOp op);
  Error run(RouteOp op);
  Error run(AppendOp op);
  Error run(AppendValuesOp op);
  Error run(PastOp op);
  Error checkOrder(Operation *op, const Tensor &order) const;

  Expected<Tensor> compute(arith::ConstantOp op);
  Expected<Tensor> compute(ConcatRowsOp op);
  Expected<Tensor> compute(InterleaveRowsOp op);
  Expected<Tensor> compute(InterleaveHalvesOp op);
  Expected<Tensor> compute(SliceOp op);
  Expected<Tensor> compute(GatherRowsOp op);
  Expected<Tensor> compute(FillOp op);
  Expected<Tensor> compute(OffsetOp op);
  Expected<Tensor> compute(SoftplusOp op);
  Expected<Tensor> compute(ConvertOp op);
  Expected<Tensor> compute(EmbedOp op);
  Expected<Tensor> compute(SubstituteOp op);
  Expected<Tensor> compute(ScaleOp op);
  Expected<Tensor> compute(ScaleByOp op);
  Expected<Tensor> compute(BiasOp op);
  Expected<Tensor> compute(SliceColumnsOp op);
  Expected<Tensor> compute(RmsNormOp op);
  Expected<Tensor> compute(LinearOp op);
  Expected<Tensor> compute(GatedLinearOp op);
  Expected<Tensor> compute(GeluOp op);
  Expected<Tensor> compute(GaussianTopKOp op);
  Expected<Tensor> compute(MulOp op);
  Expected<Tensor> compute(AddOp op);
  Expected<Tensor> compute(SoftcapOp op);
  Expected<Tensor> compute(L2NormOp op);
  Expected<Tensor> compute(MatchRmsOp op);
  Expected<Tensor> compute(ExpertsOp op);
  Expected<Tensor> compute(ClusteredLinearOp op);
  Expected<Tensor> compute(MeanRowsOp op);
  Expected<Tensor> compute(SelectRowsOp op);
  Expected<Tensor> compute(RopeTableOp op);
  Expected<Tensor> compute(RopeOp op);
  Expected<Tensor> compute(AttentionOp op);
  Expected<Tensor> compute(BlockLinearOp op);
  Expected<Tensor> compute(CausalConvOp op);
  Expected<Tensor> compute(RgLruOp op);

  Evaluator &evaluator;
  const Batch &batch;
  DenseMap<Value, SharedTensor> locals;
  DenseMap<Value, Cache *> pasts;
  DenseMap<Value, Routing> routings;
};

Error Evaluator::Frame::run(Block &block) {
  for (Operation &op : block.without_terminator())
    if (Error error = run(&op))
      return error;
  return Error::success();
}

std::vector<Tensor> Evaluator::Frame::getResults(Operation *terminator) const {
  std::vector<Tensor> results;
  for (Value operand : terminator->getOperands())
    results.push_back(get(operand));
  return results;
}

void Evaluator::Frame::define(Value value, SharedTensor tensor) {
  Operation *op = value.getDefiningOp();
  bool isWeight = op && (isa<arith::ConstantOp>(op) || isWeightOp(op)) &&
                  llvm::all_of(op->getOperands(), [&](Value operand) {
                    return evaluator.weights.contains(operand);
                  });
  (isWeight ? evaluator.weights : locals)[value] = std::move(tensor);
}

void Evaluator::Frame::define(ValueRange values, std::vector<Tensor> tensors) {
  for (auto [value, tensor] : llvm::zip_equal(values, tensors))
    define(value, std::move(tensor));
}

const Tensor &Evaluator::Frame::get(Value value) const {
  auto weight = evaluator.weights.find(value);
  if (weight != evaluator.weights.end())
    return *weight->second;
  return *locals.find(value)->second;
}

SmallVector<const Tensor *> Evaluator::Frame::getAll(ValueRange values) const {
  return llvm::map_to_vector(values, [&](Value value) { return &get(value); });
}

/// `input` itself where the operation has no norm.
Tensor Evaluator::Frame::normalize(Value input, Value weight,
                                   std::optional<NormAttr> norm) const {
  return norm ? rmsNorm(get(input), get(weight), *norm) : get(input);
}

static float toFloat(const APFloat &attribute) {
  return attribute.convertToFloat();
}

static std::optional<float> toFloat(std::optional<APFloat> attribute) {
  return llvm::transformOptional(
      attribute, [](const APFloat &value) { return toFloat(value); });
}

static Error makeError(Operation *op, const llvm::Twine &message) {
  return createStringError("'" + op->getName().getStringRef() + "' " + message);
}

/// Dynamic types cannot promise a row for each place of the batch.
Error Evaluator::Frame::checkRows(Operation *op, const Tensor &input) const {
  int64_t expected = batch.rows.size(), actual = input.shape.front();
  if (expected == actual)
    return Error::success();
  return makeError(op, "expects as many rows as the batch has, " +
                           llvm::Twine(expected) + ", but there are " +
                           llvm::Twine(actual));
}

Error Evaluator::Frame::run(Operation *op) {
  if (op->getNumResults() == 1 && evaluator.weights.contains(op->getResult(0)))
    return Error::success();
  return llvm::TypeSwitch<Operation *, Error>(op)
      .Case([&](WeightOp op) {
        define(op, evaluator.readParam(op.getParam()));
        return Error::success();
      })
      .Case<SplitHeadsOp, AltupPredictOp, AltupCorrectOp, RouteOp, AppendOp,
            AppendValuesOp, PastOp>([&](auto op) { return run(op); })
      .Case<arith::ConstantOp, ConcatRowsOp, InterleaveRowsOp,
            InterleaveHalvesOp, SliceOp, GatherRowsOp, FillOp, OffsetOp,
            SoftplusOp, ConvertOp, EmbedOp, SubstituteOp, ScaleOp, ScaleByOp,
            BiasOp, SliceColumnsOp, RmsNormOp, LinearOp, GatedLinearOp, GeluOp,
            GaussianTopKOp, MulOp, AddOp, SoftcapOp, L2NormOp, MatchRmsOp,
            ExpertsOp, ClusteredLinearOp, MeanRowsOp, SelectRowsOp, RopeTableOp,
            RopeOp, AttentionOp, BlockLinearOp, CausalConvOp, RgLruOp>(
          [&](auto op) -> Error {
            Expected<Tensor> result = compute(op);
            if (!result)
              return result.takeError();
            define(op, std::move(*result));
            return Error::success();
          })
      .Default([](Operation *op) {
        return makeError(op, "is not defined by a formula");
      });
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

Expected<Tensor> Evaluator::Frame::compute(arith::ConstantOp op) {
  auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!elements)
    return makeError(op, "expects a dense tensor");
  Tensor result(elements.getType().getShape());
  if (isa<FloatType>(elements.getElementType()))
    llvm::transform(elements.getValues<APFloat>(), result.values.begin(),
                    [](const APFloat &value) { return toFloat(value); });
  else
    llvm::transform(elements.getValues<APInt>(), result.values.begin(),
                    [](const APInt &value) { return value.getSExtValue(); });
  return result;
}

Expected<Tensor> Evaluator::Frame::compute(ConcatRowsOp op) {
  return concatRows(getAll(op.getInputs()));
}

Expected<Tensor> Evaluator::Frame::compute(InterleaveRowsOp op) {
  return interleaveRows(get(op.getEven()), get(op.getOdd()));
}

Expected<Tensor> Evaluator::Frame::compute(InterleaveHalvesOp op) {
  return interleaveHalves(get(op.getInput()), op.getBlocks());
}

Expected<Tensor> Evaluator::Frame::compute(SliceOp op) {
  return slice(get(op.getInput()), op.getAt(), op.getType().getShape());
}

/// Types cannot promise what a file holds.
Error Evaluator::Frame::checkOrder(Operation *op, const Tensor &order) const {
  int64_t rows = order.values.size();
  for (float row : order.values)
    if (row < 0 || row >= rows)
      return makeError(op, "expects an order of " + llvm::Twine(rows) +
                               " rows, but it names row " +
                               llvm::Twine(static_cast<int64_t>(row)));
  return Error::success();
}

Expected<Tensor> Evaluator::Frame::compute(GatherRowsOp op) {
  if (Error error = checkOrder(op, get(op.getOrder())))
    return error;
  return gatherRows(get(op.getInput()), get(op.getOrder()));
}

Expected<Tensor> Evaluator::Frame::compute(FillOp op) {
  return fill(op.getType().getNumElements(), toFloat(op.getValue()));
}

Expected<Tensor> Evaluator::Frame::compute(OffsetOp op) {
  return offset(get(op.getInput()), toFloat(op.getValue()));
}

Expected<Tensor> Evaluator::Frame::compute(SoftplusOp op) {
  return softplus(get(op.getInput()));
}

Expected<Tensor> Evaluator::Frame::compute(ConvertOp op) {
  return convert(get(op.getInput()), getElementTypeOrSelf(op.getType()));
}

//===----------------------------------------------------------------------===//
// Row by row
//===----------------------------------------------------------------------===//

Expected<Tensor> Evaluator::Frame::compute(EmbedOp op) {
  const Tensor &tokens = get(op.getTokens());
  const Tensor &table = get(op.getTable());
  for (float token : tokens.values)
    if (token < 0 || (token >= table.rows() && !op.getFallback()))
      return makeError(op, "expects tokens below " + llvm::Twine(table.rows()) +
                               ", but one is " +
                               llvm::Twine(static_cast<int64_t>(token)));
  return embed(tokens, table, toFloat(op.getScale()), op.getFallback());
}

Expected<Tensor> Evaluator::Frame::compute(SubstituteOp op) {
  return substitute(get(op.getInput()), get(op.getTokens()), op.getToken(),
                    get(op.getRow()));
}

Expected<Tensor> Evaluator::Frame::compute(ScaleOp op) {
  return scale(get(op.getInput()), toFloat(op.getFactor()));
}

Expected<Tensor> Evaluator::Frame::compute(ScaleByOp op) {
  return scaleBy(get(op.getInput()), get(op.getWeight()));
}

Expected<Tensor> Evaluator::Frame::compute(BiasOp op) {
  return bias(get(op.getInput()), get(op.getWeight()));
}

Expected<Tensor> Evaluator::Frame::compute(SliceColumnsOp op) {
  return sliceColumns(get(op.getInput()), op.getFrom(),
                      op.getType().getDimSize(1));
}

Expected<Tensor> Evaluator::Frame::compute(RmsNormOp op) {
  return rmsNorm(get(op.getInput()), get(op.getWeight()), op.getNorm());
}

Expected<Tensor> Evaluator::Frame::compute(LinearOp op) {
  Tensor result =
      linear(normalize(op.getInput(), op.getNormWeight(), op.getNorm()),
             get(op.getWeight()), op.getProduct());
  if (std::optional<float> cap = toFloat(op.getSoftcap()))
    result = softcap(result, *cap);
  if (op.getPostNorm())
    result = rmsNorm(result, get(op.getPostNormWeight()), *op.getPostNorm());
  if (op.getResidual())
    result = add(get(op.getResidual()), result);
  return result;
}

Expected<Tensor> Evaluator::Frame::compute(GatedLinearOp op) {
  return gatePairs(
      linear(normalize(op.getInput(), op.getNormWeight(), op.getNorm()),
             get(op.getWeight()), op.getProduct()));
}

Error Evaluator::Frame::run(SplitHeadsOp op) {
  SmallVector<std::pair<int64_t, int64_t>> shapes;
  for (Type type : op.getResultTypes())
    shapes.emplace_back(cast<ShapedType>(type).getDimSize(1),
                        cast<ShapedType>(type).getDimSize(2));
  define(op.getResults(), splitHeads(get(op.getInput()), shapes));
  return Error::success();
}

Expected<Tensor> Evaluator::Frame::compute(GeluOp op) {
  return gelu(get(op.getInput()));
}

Expected<Tensor> Evaluator::Frame::compute(GaussianTopKOp op) {
  return gaussianTopK(get(op.getInput()), toFloat(op.getDeviations()));
}

Expected<Tensor> Evaluator::Frame::compute(MulOp op) {
  return mul(get(op.getLhs()), get(op.getRhs()));
}

Expected<Tensor> Evaluator::Frame::compute(AddOp op) {
  return add(get(op.getLhs()), get(op.getRhs()));
}

Expected<Tensor> Evaluator::Frame::compute(SoftcapOp op) {
  return softcap(get(op.getInput()), toFloat(op.getCap()));
}

Expected<Tensor> Evaluator::Frame::compute(L2NormOp op) {
  return l2Norm(get(op.getInput()));
}

//===----------------------------------------------------------------------===//
// Alternating updates
//===----------------------------------------------------------------------===//

Expected<Tensor> Evaluator::Frame::compute(MatchRmsOp op) {
  return matchRms(get(op.getInput()), get(op.getTarget()),
                  toFloat(op.getFloor()));
}

Error Evaluator::Frame::run(AltupPredictOp op) {
  define(op.getResults(),
         altupPredict(get(op.getCoefs()), getAll(op.getStreams())));
  return Error::success();
}

Error Evaluator::Frame::run(AltupCorrectOp op) {
  define(op.getResults(),
         altupCorrect(get(op.getCoefs()), get(op.getActivated()),
                      getAll(op.getPredictions()), op.getActive()));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Experts
//===----------------------------------------------------------------------===//

Error Evaluator::Frame::run(RouteOp op) {
  routings[op] =
      route(get(op.getScores()), get(op.getScales()), op.getType().getTop());
  return Error::success();
}

Expected<Tensor> Evaluator::Frame::compute(ExpertsOp op) {
  return experts(get(op.getInput()), routings.at(op.getRouting()),
                 get(op.getGateUp()), get(op.getDown()),
                 op.getRouting().getType().getExperts(), op.getProduct());
}

Expected<Tensor> Evaluator::Frame::compute(ClusteredLinearOp op) {
  if (Error error = checkOrder(op, get(op.getOrder())))
    return error;
  return clusteredLinear(get(op.getInput()), get(op.getScores()),
                         get(op.getWeight()), get(op.getOrder()), op.getTop(),
                         op.getProduct());
}

//===----------------------------------------------------------------------===//
// Positions, past and other rows
//===----------------------------------------------------------------------===//

Expected<Tensor> Evaluator::Frame::compute(MeanRowsOp op) {
  const Tensor &input = get(op.getInput());
  if (Error error = checkRows(op, input))
    return error;
  return meanRows(input, batch);
}

Expected<Tensor> Evaluator::Frame::compute(SelectRowsOp op) {
  const Tensor &input = get(op.getInput());
  if (Error error = checkRows(op, input))
    return error;
  return selectRows(input, batch);
}

Expected<Tensor> Evaluator::Frame::compute(RopeTableOp op) {
  int64_t width = op.getType().getDimSize(1);
  return ropeTable(batch, width, toFloat(op.getBase()), toFloat(op.getFactor()),
                   op.getPairs().value_or(width / 2), op.getAhead());
}

Expected<Tensor> Evaluator::Frame::compute(RopeOp op) {
  return rope(get(op.getInput()), get(op.getTable()));
}

/// Appends to the cache called `name` and returns it.
Expected<Cache &> Evaluator::Frame::appendRows(Operation *op, StringRef name,
                                               const Tensor &key,
                                               const Tensor &value) {
  if (Error error = checkRows(op, key))
    return error;
  Cache &cache = evaluator.caches[name];
  if (std::optional<Place> hole = findHole(batch, cache))
    return makeError(op, "expects each sequence to go on where it is, but '" +
                             name + "' has nothing before position " +
                             llvm::Twine(hole->position) + " of sequence " +
                             llvm::Twine(hole->sequence));
  append(key, value, batch, cache);
  return cache;
}

Error Evaluator::Frame::run(AppendOp op) {
  Expected<Cache &> cache =
      appendRows(op, op.getCache(), get(op.getKey()), get(op.getValue()));
  if (!cache)
    return cache.takeError();
  pasts[op] = &*cache;
  return Error::success();
}

Error Evaluator::Frame::run(AppendValuesOp op) {
  const Tensor &value = get(op.getValue());
  Expected<Cache &> cache = appendRows(op, op.getCache(), value, value);
  if (!cache)
    return cache.takeError();
  pasts[op] = &*cache;
  return Error::success();
}

Error Evaluator::Frame::run(PastOp op) {
  Cache &cache = evaluator.caches[op.getCache()];
  bool isSource =
      evaluator.module.lookupSymbol<CacheOp>(op.getCache()).getSource();
  for (Place place : batch.rows) {
    auto past = cache.sequences.find(place.sequence);
    if (past == cache.sequences.end() ||
        (!isSource && past->second.positions <= place.position))
      return makeError(op, "expects '" + op.getCache() + "' to have position " +
                               llvm::Twine(place.position) + " of sequence " +
                               llvm::Twine(place.sequence));
  }
  pasts[op] = &cache;
  return Error::success();
}

Expected<Tensor> Evaluator::Frame::compute(AttentionOp op) {
  const Tensor &query = get(op.getQuery());
  Batch asking = op.getWanted() ? selectPlaces(batch) : batch;
  if (query.shape.front() != static_cast<int64_t>(asking.rows.size()))
    return makeError(
        op, "expects a query for each of " + llvm::Twine(asking.rows.size()) +
                " rows, but there are " + llvm::Twine(query.shape.front()));
  const Cache *source = op.getSource() ? pasts.at(op.getSource()) : nullptr;
  Sight sight = {toFloat(op.getScale()), static_cast<int64_t>(op.getWindow()),
                 toFloat(op.getSoftcap()), op.getBidirectional()};
  sight.ahead = op.getAhead().value_or(sight.window - 1);
  KvType kv = op.getKv().getType();
  const Cache *cache = pasts.at(op.getKv());
  Cache withKeys;
  if (std::optional<RotationAttr> rotation = op.getRotation()) {
    withKeys = deriveKeys(*cache, kv, get(op.getKeyWeight()), *rotation);
    cache = &withKeys;
  }
  return attention(query, kv, *cache, source, asking, sight);
}

//===----------------------------------------------------------------------===//
// Recurrence
//===----------------------------------------------------------------------===//

Expected<Tensor> Evaluator::Frame::compute(BlockLinearOp op) {
  return blockLinear(get(op.getInput()), get(op.getWeight()), op.getBlocks());
}

/// The state called `name`, from which `input` goes on.
Expected<State &> Evaluator::Frame::findState(Operation *op, StringRef name,
                                              const Tensor &input) {
  if (Error error = checkRows(op, input))
    return error;
  State &state = evaluator.states[name];
  if (std::optional<Place> jump = findJump(batch, state))
    return makeError(op, "expects each sequence to go on where it is, but '" +
                             name + "' is not before position " +
                             llvm::Twine(jump->position) + " of sequence " +
                             llvm::Twine(jump->sequence));
  return state;
}

Expected<Tensor> Evaluator::Frame::compute(CausalConvOp op) {
  const Tensor &input = get(op.getInput());
  Expected<State &> state = findState(op, op.getState(), input);
  if (!state)
    return state.takeError();
  return causalConv(input, get(op.getWeight()), get(op.getBias()), batch,
                    *state);
}

Expected<Tensor> Evaluator::Frame::compute(RgLruOp op) {
  const Tensor &input = get(op.getInput());
  Expected<State &> state = findState(op, op.getState(), input);
  if (!state)
    return state.takeError();
  return rgLru(input, get(op.getInputGate()), get(op.getRecurrenceGate()),
               get(op.getRate()), batch, *state);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

/// Checks what `!gemma.batch` promises.
static Error checkBatch(const Batch &batch) {
  llvm::SmallDenseSet<int64_t> begun;
  const Place *last = nullptr;
  for (const Place &place : batch.rows) {
    bool follows = last && last->sequence == place.sequence
                       ? place.position == last->position + 1
                       : begun.insert(place.sequence).second;
    if (!follows || place.position < 0)
      return createStringError(
          "a batch has the rows of a sequence together and in order, but "
          "position " +
          llvm::Twine(place.position) + " of sequence " +
          llvm::Twine(place.sequence) + " is out of place");
    last = &place;
  }
  int64_t rows = batch.rows.size();
  for (int64_t row : batch.wanted)
    if (row < 0 || row >= rows)
      return createStringError("row " + llvm::Twine(row) +
                               " of a batch is wanted, but it has only " +
                               llvm::Twine(rows));
  return Error::success();
}

Expected<std::vector<Tensor>> Evaluator::call(StringRef function,
                                              ArrayRef<Tensor> inputs,
                                              const Batch &batch) {
  auto callee = module.lookupSymbol<func::FuncOp>(function);
  if (!callee || callee.isExternal())
    return createStringError("the module has no function '" + function + "'");
  if (Error error = checkBatch(batch))
    return error;
  Frame frame(*this, batch);
  for (BlockArgument argument : callee.getArguments()) {
    if (isa<BatchType>(argument.getType()))
      continue;
    if (inputs.empty())
      return createStringError("function '" + function +
                               "' takes more tensors than it is given");
    frame.define(argument, inputs.front());
    inputs = inputs.drop_front();
  }
  Block &body = callee.getBody().front();
  if (Error error = frame.run(body))
    return error;
  return frame.getResults(body.getTerminator());
}

Expected<Tensor> Evaluator::step(ArrayRef<int32_t> tokens, const Batch &batch) {
  Tensor input({static_cast<int64_t>(tokens.size())},
               std::vector<float>(tokens.begin(), tokens.end()));
  Expected<std::vector<Tensor>> results = call("text", input, batch);
  if (!results)
    return results.takeError();
  if (results->size() != 1)
    return createStringError("expected one result of the function 'text'");
  return std::move(results->front());
}
