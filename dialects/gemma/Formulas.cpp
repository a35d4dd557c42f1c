//===- Formulas.cpp - What each operation computes --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/gemma/Formulas.h"

#include "dialects/gemma/Quantization.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace lapidary;
using namespace lapidary::gemma;

/// Applies `formula` to every number of `input`.
template <typename Formula>
static Tensor map(const Tensor &input, Formula formula) {
  Tensor result(input.shape);
  llvm::transform(input.values, result.values.begin(), formula);
  return result;
}

/// Applies `formula` to every pair of numbers.
template <typename Formula>
static Tensor map(const Tensor &lhs, const Tensor &rhs, Formula formula) {
  Tensor result(lhs.shape);
  std::transform(lhs.values.begin(), lhs.values.end(), rhs.values.begin(),
                 result.values.begin(), formula);
  return result;
}

static float sum(ArrayRef<float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0f);
}

/// Sixteen sums side by side, so that a compiler may use its vectors.
static float dot(ArrayRef<float> lhs, ArrayRef<float> rhs) {
  constexpr size_t kLanes = 16;
  float sums[kLanes] = {};
  size_t column = 0;
  for (; column + kLanes <= lhs.size(); column += kLanes)
    for (size_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += lhs[column + lane] * rhs[column + lane];
  for (; column < lhs.size(); ++column)
    sums[0] += lhs[column] * rhs[column];
  return sum(sums);
}

static float meanOfSquares(ArrayRef<float> x) { return dot(x, x) / x.size(); }

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

static void extend(std::vector<float> &target, ArrayRef<float> source) {
  target.insert(target.end(), source.begin(), source.end());
}

Tensor gemma::concatRows(ArrayRef<const Tensor *> inputs) {
  Tensor result({0, inputs.front()->width()});
  for (const Tensor *input : inputs) {
    result.shape[0] += input->rows();
    extend(result.values, input->values);
    extend(result.scales, input->scales);
  }
  return result;
}

Tensor gemma::interleaveRows(const Tensor &even, const Tensor &odd) {
  Tensor result({0, even.width()});
  result.shape[0] = 2 * even.rows();
  for (int64_t row = 0; row < even.rows(); ++row)
    for (const Tensor *input : {&even, &odd}) {
      extend(result.values, input->row(row));
      if (input->isQuantized())
        extend(result.scales, input->rowScales(row));
    }
  return result;
}

/// The rows of `input` at `indices`.
static Tensor takeRows(const Tensor &input, ArrayRef<int64_t> indices) {
  Tensor result({0, input.width()});
  result.shape[0] = indices.size();
  for (int64_t row : indices) {
    extend(result.values, input.row(row));
    if (input.isQuantized())
      extend(result.scales, input.rowScales(row));
  }
  return result;
}

Tensor gemma::interleaveHalves(const Tensor &input, int64_t blocks) {
  int64_t size = input.rows() / blocks;
  SmallVector<int64_t> sources;
  for (int64_t block = 0; block < blocks; ++block)
    for (int64_t i = 0; i < size / 2; ++i)
      for (int64_t half : {0, 1})
        sources.push_back(block * size + half * size / 2 + i);
  return takeRows(input, sources);
}

Tensor gemma::slice(const Tensor &input, ArrayRef<int64_t> at,
                    ArrayRef<int64_t> shape) {
  Tensor result(shape);
  for (int64_t row = 0; row < result.rows(); ++row)
    llvm::copy(input.row(at[0] + row).slice(at[1], shape[1]),
               result.row(row).begin());
  return result;
}

Tensor gemma::gatherRows(const Tensor &input, const Tensor &order) {
  return takeRows(
      input, SmallVector<int64_t>(order.values.begin(), order.values.end()));
}

Tensor gemma::fill(int64_t length, float value) {
  return Tensor({length}, std::vector<float>(length, value));
}

Tensor gemma::offset(const Tensor &input, float value) {
  return map(input, [=](float x) { return x + value; });
}

Tensor gemma::softplus(const Tensor &input) {
  return map(input, [](float x) { return std::log1p(std::exp(double(x))); });
}

/// Columns of group `group` of a row.
template <typename Row> static Row sliceGroup(Row row, int64_t group) {
  return row.drop_front(group * kActivationGroup).take_front(kActivationGroup);
}

static Tensor quantize(const Tensor &input, int64_t bits) {
  Tensor result(input.shape);
  for (int64_t row = 0; row < input.rows(); ++row)
    for (int64_t group = 0; group < countGroups(input.width()); ++group)
      result.scales.push_back(
          quantizeWeightGroup(sliceGroup(input.row(row), group), bits,
                              sliceGroup(result.row(row), group)));
  return result;
}

/// One row of a weight of any format, as float32.
static std::vector<float> dequantizeRow(const Tensor &weight, int64_t row) {
  std::vector<float> result(weight.row(row));
  if (weight.isQuantized())
    for (auto [column, value] : llvm::enumerate(result))
      value *= weight.rowScales(row)[column / kActivationGroup];
  return result;
}

static Tensor dequantize(const Tensor &input) {
  Tensor result(input.shape);
  for (int64_t row = 0; row < input.rows(); ++row)
    llvm::copy(dequantizeRow(input, row), result.row(row).begin());
  return result;
}

Tensor gemma::convert(const Tensor &input, Type element) {
  Tensor exact = dequantize(input);
  if (auto quant = dyn_cast<QuantType>(element))
    return quantize(exact, quant.getBits());
  if (element.isF32())
    return exact;
  const llvm::fltSemantics &semantics =
      cast<FloatType>(element).getFloatSemantics();
  return map(exact, [&](float x) { return roundTo(semantics, x); });
}

//===----------------------------------------------------------------------===//
// Row by row
//===----------------------------------------------------------------------===//

Tensor gemma::embed(const Tensor &tokens, const Tensor &table, float scale,
                    std::optional<int64_t> fallback) {
  Tensor result({tokens.width(), table.width()});
  for (int64_t row = 0; row < result.rows(); ++row) {
    auto token = static_cast<int64_t>(tokens.values[row]);
    if (fallback && token >= table.rows())
      token = *fallback;
    llvm::transform(dequantizeRow(table, token), result.row(row).begin(),
                    [=](float x) { return x * scale; });
  }
  return result;
}

Tensor gemma::substitute(const Tensor &input, const Tensor &tokens,
                         int64_t token, const Tensor &other) {
  Tensor result = input;
  for (int64_t row = 0; row < result.rows(); ++row)
    if (static_cast<int64_t>(tokens.values[row]) == token)
      llvm::copy(other.values, result.row(row).begin());
  return result;
}

Tensor gemma::scale(const Tensor &input, float factor) {
  return map(input, [=](float x) { return x * factor; });
}

Tensor gemma::scaleBy(const Tensor &input, const Tensor &weight) {
  Tensor result(input.shape);
  for (size_t i = 0; i < result.values.size(); ++i)
    result.values[i] = input.values[i] * weight.values[i % weight.width()];
  return result;
}

Tensor gemma::bias(const Tensor &input, const Tensor &weight) {
  Tensor result(input.shape);
  for (size_t i = 0; i < result.values.size(); ++i)
    result.values[i] = input.values[i] + weight.values[i % weight.width()];
  return result;
}

Tensor gemma::sliceColumns(const Tensor &input, int64_t from, int64_t width) {
  Tensor result({input.rows(), width});
  for (int64_t row = 0; row < input.rows(); ++row)
    llvm::copy(input.row(row).slice(from, width), result.row(row).begin());
  return result;
}

Tensor gemma::rmsNorm(const Tensor &input, const Tensor &weight,
                      NormAttr norm) {
  float epsilon = norm.getEpsilon().getValue().convertToFloat();
  float offset = norm.getWeightOffset().getValue().convertToFloat();
  size_t length = weight.width();
  Tensor result(input.shape);
  for (size_t start = 0; start < input.values.size(); start += length) {
    auto x = ArrayRef(input.values).slice(start, length);
    float factor = 1.0f / std::sqrt(meanOfSquares(x) + epsilon);
    for (size_t i = 0; i < length; ++i)
      result.values[start + i] = x[i] * factor * (weight.values[i] + offset);
  }
  return result;
}

static Tensor linearFloat(const Tensor &input, const Tensor &weight) {
  Tensor result({input.rows(), weight.rows()});
  // A row of the weight stays in the cache while all inputs pass by.
  for (int64_t out = 0; out < weight.rows(); ++out)
    for (int64_t row = 0; row < input.rows(); ++row)
      result.row(row)[out] = dot(input.row(row), weight.row(out));
  return result;
}

/// The input's rows, their groups quantized to int8.
static Tensor quantizeActivations(const Tensor &input) {
  Tensor result(input.shape);
  for (int64_t row = 0; row < input.rows(); ++row)
    for (int64_t group = 0; group < countGroups(input.width()); ++group)
      result.scales.push_back(
          quantizeActivationGroup(sliceGroup(input.row(row), group),
                                  sliceGroup(result.row(row), group)));
  return result;
}

/// The sum of a group is an integer below 2^24, so float32 holds it exactly.
static float dotGroups(const Tensor &input, int64_t row, const Tensor &weight,
                       int64_t out) {
  float sum = 0;
  for (int64_t group = 0; group < countGroups(input.width()); ++group)
    sum += dot(sliceGroup(input.row(row), group),
               sliceGroup(weight.row(out), group)) *
           (input.rowScales(row)[group] * weight.rowScales(out)[group]);
  return sum;
}

static Tensor linearInt8(const Tensor &input, const Tensor &weight) {
  Tensor quantized = quantizeActivations(input);
  Tensor result({input.rows(), weight.rows()});
  for (int64_t out = 0; out < weight.rows(); ++out)
    for (int64_t row = 0; row < input.rows(); ++row)
      result.row(row)[out] = dotGroups(quantized, row, weight, out);
  return result;
}

Tensor gemma::linear(const Tensor &input, const Tensor &weight,
                     Product product) {
  switch (product) {
  case Product::F32:
    return linearFloat(input, weight);
  case Product::BF16:
    return linearFloat(
        map(input, [](float x) { return roundTo(llvm::APFloat::BFloat(), x); }),
        weight);
  case Product::Int8:
    return linearInt8(input, weight);
  }
  llvm_unreachable("not a product type");
}

static float gelu(float x) {
  constexpr float kRootOfTwoOverPi = 0.7978845608f;
  return 0.5f * x *
         (1 + std::tanh(kRootOfTwoOverPi * (x + 0.044715f * x * x * x)));
}

Tensor gemma::gatePairs(const Tensor &input) {
  Tensor result({input.rows(), input.width() / 2});
  for (size_t i = 0; i < result.values.size(); ++i)
    result.values[i] = ::gelu(input.values[2 * i]) * input.values[2 * i + 1];
  return result;
}

std::vector<Tensor>
gemma::splitHeads(const Tensor &input,
                  ArrayRef<std::pair<int64_t, int64_t>> shapes) {
  std::vector<Tensor> results;
  int64_t column = 0;
  for (auto [heads, dim] : shapes) {
    Tensor &result = results.emplace_back(Tensor({0, heads, dim}));
    result.shape[0] = input.rows();
    for (int64_t row = 0; row < input.rows(); ++row)
      extend(result.values, input.row(row).slice(column, heads * dim));
    column += heads * dim;
  }
  return results;
}

Tensor gemma::gelu(const Tensor &input) {
  return map(input, [](float x) { return ::gelu(x); });
}

Tensor gemma::gaussianTopK(const Tensor &input, float deviations) {
  Tensor result(input.shape);
  for (int64_t row = 0; row < input.rows(); ++row) {
    ArrayRef<float> x = input.row(row);
    float mean = sum(x) / x.size();
    auto centred = llvm::map_to_vector(x, [=](float v) { return v - mean; });
    float cut = mean + deviations * std::sqrt(meanOfSquares(centred));
    llvm::transform(x, result.row(row).begin(),
                    [=](float v) { return std::max(v - cut, 0.0f); });
  }
  return result;
}

Tensor gemma::mul(const Tensor &lhs, const Tensor &rhs) {
  return map(lhs, rhs, std::multiplies<>());
}

Tensor gemma::add(const Tensor &lhs, const Tensor &rhs) {
  return map(lhs, rhs, std::plus<>());
}

Tensor gemma::softcap(const Tensor &input, float cap) {
  return map(input, [=](float x) { return cap * std::tanh(x / cap); });
}

Tensor gemma::l2Norm(const Tensor &input) {
  Tensor result(input.shape);
  for (int64_t row = 0; row < input.rows(); ++row) {
    ArrayRef<float> x = input.row(row);
    float length = std::max(std::sqrt(dot(x, x)), 1e-12f);
    llvm::transform(x, result.row(row).begin(),
                    [=](float v) { return v / length; });
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Alternating updates
//===----------------------------------------------------------------------===//

Tensor gemma::matchRms(const Tensor &input, const Tensor &target, float floor) {
  Tensor result(input.shape);
  for (int64_t row = 0; row < input.rows(); ++row) {
    ArrayRef<float> x = input.row(row);
    float factor = std::sqrt(meanOfSquares(target.row(row))) /
                   std::sqrt(std::max(meanOfSquares(x), floor));
    llvm::transform(x, result.row(row).begin(),
                    [=](float v) { return v * factor; });
  }
  return result;
}

/// Adds `factor * input` to `sums`.
static void addScaled(float factor, ArrayRef<float> input,
                      MutableArrayRef<float> sums) {
  for (auto [sum, x] : llvm::zip_equal(sums, input))
    sum += factor * x;
}

std::vector<Tensor> gemma::altupPredict(const Tensor &coefs,
                                        ArrayRef<const Tensor *> streams) {
  std::vector<Tensor> results;
  for (size_t m = 0; m < streams.size(); ++m) {
    Tensor &result = results.emplace_back(*streams[m]);
    for (int64_t row = 0; row < result.rows(); ++row)
      for (auto [n, stream] : llvm::enumerate(streams))
        addScaled(coefs.row(row)[m * streams.size() + n], stream->row(row),
                  result.row(row));
  }
  return results;
}

std::vector<Tensor> gemma::altupCorrect(const Tensor &coefs,
                                        const Tensor &activated,
                                        ArrayRef<const Tensor *> predictions,
                                        int64_t active) {
  Tensor innovation = map(activated, *predictions[active], std::minus<>());
  std::vector<Tensor> results;
  for (auto [m, prediction] : llvm::enumerate(predictions)) {
    Tensor &result = results.emplace_back(*prediction);
    for (int64_t row = 0; row < result.rows(); ++row)
      addScaled(coefs.row(row)[m] + 1, innovation.row(row), result.row(row));
  }
  return results;
}

//===----------------------------------------------------------------------===//
// Experts
//===----------------------------------------------------------------------===//

/// Replaces `scores` by what they weigh: positive, with the sum 1.
static void softmax(std::vector<float> &scores) {
  float highest = *llvm::max_element(scores);
  float sum = 0;
  for (float &score : scores)
    sum += score = std::exp(score - highest);
  for (float &score : scores)
    score /= sum;
}

/// The indices of the `top` greatest, the first of equals.
static SmallVector<int64_t> findGreatest(ArrayRef<float> numbers, int64_t top) {
  auto order = llvm::to_vector(llvm::seq<int64_t>(numbers.size()));
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return std::pair(-numbers[a], a) < std::pair(-numbers[b], b);
  });
  order.truncate(top);
  return order;
}

Routing gemma::route(const Tensor &scores, const Tensor &scales, int64_t top) {
  Routing result;
  for (int64_t row = 0; row < scores.rows(); ++row) {
    std::vector<float> p(scores.row(row));
    softmax(p);
    SmallVector<int64_t> best = findGreatest(p, top);
    float chosen = 0;
    for (int64_t expert : best)
      chosen += p[expert];
    auto &choices = result.rows.emplace_back();
    for (int64_t expert : best)
      choices.push_back({expert, scales.values[expert] * p[expert] / chosen});
  }
  return result;
}

/// Rows of `input` that belong to block `block` of `size` rows.
static Tensor takeBlock(const Tensor &input, int64_t block, int64_t size) {
  return takeRows(input, llvm::to_vector(llvm::seq<int64_t>(
                             block * size, (block + 1) * size)));
}

Tensor gemma::experts(const Tensor &input, const Routing &routing,
                      const Tensor &gateUp, const Tensor &down, int64_t experts,
                      Product product) {
  Tensor result({input.rows(), down.rows() / experts});
  for (auto [row, choices] : llvm::enumerate(routing.rows))
    for (auto [expert, share] : choices) {
      Tensor x = takeBlock(input, row, 1);
      Tensor y = linear(x, takeBlock(gateUp, expert, gateUp.rows() / experts),
                        product);
      y = linear(gatePairs(y), takeBlock(down, expert, down.rows() / experts),
                 product);
      addScaled(share, y.values, result.row(row));
    }
  return result;
}

Tensor gemma::clusteredLinear(const Tensor &input, const Tensor &scores,
                              const Tensor &weight, const Tensor &order,
                              int64_t top, Product product) {
  int64_t size = weight.rows() / scores.width();
  Tensor all = linear(input, weight, product);
  Tensor result(all.shape);
  for (int64_t row = 0; row < input.rows(); ++row) {
    SmallVector<int64_t> chosen;
    for (int64_t cluster : findGreatest(scores.row(row), top))
      llvm::append_range(chosen,
                         llvm::seq(cluster * size, (cluster + 1) * size));
    float least = all.row(row)[chosen.front()];
    for (int64_t i : chosen)
      least = std::min(least, all.row(row)[i]);
    llvm::fill(result.row(row), least - 1);
    for (int64_t i : chosen)
      result.row(row)[static_cast<int64_t>(order.values[i])] = all.row(row)[i];
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Positions, past and other rows
//===----------------------------------------------------------------------===//

Tensor gemma::meanRows(const Tensor &input, const Batch &batch) {
  Tensor result({static_cast<int64_t>(batch.wanted.size()), input.width()});
  for (auto [index, wanted] : llvm::enumerate(batch.wanted)) {
    int64_t sequence = batch.rows[wanted].sequence;
    auto isSibling = [=](Place place) { return place.sequence == sequence; };
    float share = 1.0f / llvm::count_if(batch.rows, isSibling);
    for (auto [row, place] : llvm::enumerate(batch.rows))
      if (isSibling(place))
        addScaled(share, input.row(row), result.row(index));
  }
  return result;
}

Tensor gemma::selectRows(const Tensor &input, const Batch &batch) {
  return takeRows(input, batch.wanted);
}

Batch gemma::selectPlaces(const Batch &batch) {
  Batch result;
  for (int64_t row : batch.wanted)
    result.rows.push_back(batch.rows[row]);
  return result;
}

Tensor gemma::ropeTable(const Batch &batch, int64_t width, float base,
                        float factor, int64_t pairs, int64_t ahead) {
  int64_t half = width / 2;
  Tensor result({static_cast<int64_t>(batch.rows.size()), width});
  for (int64_t j = 0; j < half; ++j) {
    float exponent = static_cast<float>(2 * j) / static_cast<float>(width);
    float frequency =
        j < pairs ? 1.0f / std::pow(base, exponent) / factor : 0.0f;
    for (auto [row, place] : llvm::enumerate(batch.rows)) {
      float angle = static_cast<float>(place.position + ahead) * frequency;
      result.row(row)[j] = std::cos(angle);
      result.row(row)[half + j] = std::sin(angle);
    }
  }
  return result;
}

Tensor gemma::rope(const Tensor &input, const Tensor &table) {
  int64_t heads = input.shape[1], half = table.width() / 2;
  Tensor result = input;
  for (int64_t head = 0; head < input.rows(); ++head) {
    ArrayRef<float> x = input.row(head);
    ArrayRef<float> cosines = table.row(head / heads).take_front(half);
    ArrayRef<float> sines = table.row(head / heads).drop_front(half);
    MutableArrayRef<float> y = result.row(head);
    for (int64_t j = 0; j < half; ++j) {
      y[j] = x[j] * cosines[j] - x[j + half] * sines[j];
      y[j + half] = x[j + half] * cosines[j] + x[j] * sines[j];
    }
  }
  return result;
}

std::optional<Place> gemma::findHole(const Batch &batch, const Cache &cache) {
  std::map<int64_t, int64_t> positions;
  for (const auto &[sequence, past] : cache.sequences)
    positions[sequence] = past.positions;
  for (Place place : batch.rows) {
    int64_t &end = positions[place.sequence];
    if (place.position > end)
      return place;
    end = std::max(end, place.position + 1);
  }
  return std::nullopt;
}

/// Writes `row` at `position`, over what is there or behind all of it.
static void store(ArrayRef<float> row, int64_t position,
                  std::vector<float> &past) {
  past.resize(std::max<size_t>(past.size(), (position + 1) * row.size()));
  llvm::copy(row, past.begin() + position * row.size());
}

void gemma::append(const Tensor &key, const Tensor &value, const Batch &batch,
                   Cache &cache) {
  int64_t width = key.shape[1] * key.shape[2];
  for (auto [row, place] : llvm::enumerate(batch.rows)) {
    Cache::Past &past = cache.sequences[place.sequence];
    store(ArrayRef(key.values).slice(row * width, width), place.position,
          past.keys);
    store(ArrayRef(value.values).slice(row * width, width), place.position,
          past.values);
    past.positions = std::max(past.positions, place.position + 1);
  }
}

namespace {
/// Keys or values of one head at the positions that one query may see.
struct View {
  ArrayRef<float> stored;
  int64_t firstPosition, heads, head, dim;

  ArrayRef<float> operator[](int64_t index) const {
    return stored.slice(((firstPosition + index) * heads + head) * dim, dim);
  }
};
} // namespace

/// Scores of the first `count` keys before their softmax.
static std::vector<float> score(ArrayRef<float> query, View keys, int64_t count,
                                float scale, std::optional<float> softcap) {
  std::vector<float> scores(count);
  for (auto [index, score] : llvm::enumerate(scores)) {
    score = scale * dot(query, keys[index]);
    if (softcap)
      score = *softcap * std::tanh(score / *softcap);
  }
  return scores;
}

Cache gemma::deriveKeys(const Cache &cache, KvType kv, const Tensor &weight,
                        RotationAttr rotation) {
  Cache result = cache;
  for (auto &[sequence, past] : result.sequences) {
    Batch batch;
    for (int64_t position = 0; position < past.positions; ++position)
      batch.rows.push_back({sequence, position});
    Tensor keys({past.positions, kv.getHeads(), kv.getDim()});
    for (size_t i = 0; i < past.values.size(); ++i)
      keys.values[i] = past.values[i] * weight.values[i % kv.getDim()];
    Tensor table = ropeTable(batch, rotation.getWidth(),
                             rotation.getBase().getValue().convertToFloat(),
                             rotation.getFactor().getValue().convertToFloat(),
                             rotation.getPairs(), /*ahead=*/0);
    past.keys = rope(keys, table).values;
  }
  return result;
}

Tensor gemma::attention(const Tensor &query, KvType kv, const Cache &cache,
                        const Cache *source, const Batch &batch,
                        const Sight &sight) {
  int64_t heads = query.shape[1], dim = query.shape[2];
  int64_t headsPerKvHead = heads / kv.getHeads();
  Tensor result({query.shape[0], heads * dim});
  for (int64_t index = 0; index < query.rows(); ++index) {
    auto [sequence, position] = batch.rows[index / heads];
    int64_t kvHead = index % heads / headsPerKvHead;
    std::vector<float> weights;
    std::vector<ArrayRef<float>> values;
    auto see = [&](const Cache::Past &past, int64_t first, int64_t end) {
      View keys{past.keys, first, kv.getHeads(), kvHead, dim};
      View seen{past.values, first, kv.getHeads(), kvHead, dim};
      llvm::append_range(weights, score(query.row(index), keys, end - first,
                                        sight.scale, sight.softcap));
      for (int64_t t = 0; t < end - first; ++t)
        values.push_back(seen[t]);
    };
    const Cache::Past &past = cache.sequences.at(sequence);
    int64_t first = 0, end = position + 1;
    if (sight.window > 0)
      first = std::max<int64_t>(0, end - sight.window);
    if (sight.bidirectional)
      end = sight.window > 0 ? std::min(past.positions, end + sight.ahead)
                             : past.positions;
    see(past, first, end);
    if (source) {
      const Cache::Past &other = source->sequences.at(sequence);
      see(other, 0, other.positions);
    }
    softmax(weights);
    auto sums = MutableArrayRef(result.values).slice(index * dim, dim);
    for (auto [value, weight] : llvm::zip_equal(values, weights))
      addScaled(weight, value, sums);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Recurrence
//===----------------------------------------------------------------------===//

Tensor gemma::blockLinear(const Tensor &input, const Tensor &weight,
                          int64_t blocks) {
  int64_t inner = input.width() / blocks, outer = weight.width();
  Tensor result({input.shape.front(), blocks * outer});
  for (int64_t row = 0; row < input.rows(); ++row)
    for (int64_t column = 0; column < input.width(); ++column) {
      float x = input.row(row)[column];
      MutableArrayRef<float> y =
          result.row(row).slice(column / inner * outer, outer);
      for (auto [sum, w] : llvm::zip_equal(y, weight.row(column)))
        sum += x * w;
    }
  return result;
}

std::optional<Place> gemma::findJump(const Batch &batch, const State &state) {
  std::map<int64_t, int64_t> positions;
  for (const auto &[sequence, past] : state.sequences)
    positions[sequence] = past.positions;
  for (Place place : batch.rows) {
    int64_t &end = positions[place.sequence];
    if (place.position != 0 && place.position != end)
      return place;
    end = place.position + 1;
  }
  return std::nullopt;
}

/// What `state` holds of the sequence of `place`, whose row comes next.
static MutableArrayRef<float> goOn(State &state, Place place, int64_t numbers) {
  State::Past &past = state.sequences[place.sequence];
  if (place.position == 0)
    past.numbers.assign(numbers, 0.0f);
  past.positions = place.position + 1;
  return past.numbers;
}

Tensor gemma::causalConv(const Tensor &input, const Tensor &weight,
                         const Tensor &bias, const Batch &batch, State &state) {
  int64_t width = input.width(), taps = weight.width() / width;
  Tensor result(input.shape);
  for (auto [row, place] : llvm::enumerate(batch.rows)) {
    MutableArrayRef<float> past = goOn(state, place, (taps - 1) * width);
    ArrayRef<float> x = input.row(row);
    for (int64_t i = 0; i < width; ++i) {
      float sum = bias.values[i];
      for (int64_t k = 0; k + 1 < taps; ++k)
        sum += past[k * width + i] * weight.values[i * taps + k];
      result.row(row)[i] = sum + x[i] * weight.values[i * taps + taps - 1];
    }
    std::move(past.begin() + width, past.end(), past.begin());
    llvm::copy(x, past.end() - width);
  }
  return result;
}

static float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

Tensor gemma::rgLru(const Tensor &input, const Tensor &inputGate,
                    const Tensor &recurrenceGate, const Tensor &rate,
                    const Batch &batch, State &state) {
  Tensor result(input.shape);
  for (auto [row, place] : llvm::enumerate(batch.rows)) {
    MutableArrayRef<float> h = goOn(state, place, input.width());
    for (int64_t i = 0; i < input.width(); ++i) {
      float l = -8.0f * sigmoid(recurrenceGate.row(row)[i]) * rate.values[i];
      float g = sigmoid(inputGate.row(row)[i]) * input.row(row)[i];
      h[i] = place.position == 0
                 ? g
                 : std::exp(l) * h[i] + std::sqrt(1 - std::exp(2 * l)) * g;
    }
    llvm::copy(h, result.row(row).begin());
  }
  return result;
}
