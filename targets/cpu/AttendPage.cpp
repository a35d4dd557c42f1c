//===- AttendPage.cpp - Attention within a page of keys ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scores of all keys of the page, then what they weigh, then the sum of the
// values: each key and each value is read once for all queries of a group.
#include "targets/cpu/Softmax.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;
using kernel::kKeyBlock;
using kernel::KvFormat;

/// Bytes ahead at which keys are fetched.
static constexpr int64_t kAhead = 1024;

KernelEmitter::Sight KernelEmitter::sightOf(kernel::AttentionOp op,
                                            const QueryTile &tile,
                                            const Cache &cache, Value row) {
  if (cache.isSource)
    return {index(0), sub(cache.end, index(1))};
  int64_t window = op.getWindow();
  Value position = add(tile.firstPosition, row);
  Value oldest =
      window ? maximum(sub(position, index(window - 1)), index(0)) : index(0);
  if (!cache.end)
    return {oldest, position};
  Value newest = sub(cache.end, index(1));
  if (window)
    newest = minimum(newest, add(position, index(op.getAhead())));
  return {oldest, newest};
}

void KernelEmitter::attendPage(kernel::AttentionOp op, const QueryTile &tile,
                               const Cache &cache, Value number,
                               const QueryGroup &group,
                               const Softmaxes &state) {
  int64_t tokens = op.getPageTokens(), dim = op.getHeadDim();
  KvFormat format = op.getKvFormat();
  Value position = mul(number, index(tokens));
  Value oldest = sightOf(op, tile, cache, group.row).low;
  Value newest =
      sightOf(op, tile, cache, add(group.row, index(group.rows - 1))).high;
  Value low = maximum(sub(oldest, position), index(0));
  Value end = minimum(sub(add(newest, index(1)), position), index(tokens));
  when(lessEqual(add(low, index(1)), end), [&] {
    Value layer = at(load(ptr(), at(cache.pages, shiftLeft(number, 3)), 8),
                     pointerToInteger(cache.offset));
    int64_t keyBytes = kernel::keyPageBytes(dim, tokens, format);
    int64_t valueBytes = kernel::valuePageBytes(dim, tokens, format);
    auto headAt = [&](Value heads, int64_t bytes) {
      return at(heads, mul(tile.keyHead, index(bytes)));
    };
    Value values = cache.turns ? layer : at(layer, keyBytes * op.getKvHeads());
    Value first = mul(quotient(low, kKeyBlock), index(kKeyBlock));
    Page page{position,
              first,
              end,
              headAt(layer, keyBytes),
              headAt(values, valueBytes),
              Value()};
    // Few rows are done with a page sooner than the next one arrives.
    if (op.getStrands()) {
      Value last = quotient(newest, tokens);
      Value next = minimum(add(number, index(kernel::kStrands)), last);
      page.next = headAt(at(load(ptr(), at(cache.pages, shiftLeft(next, 3)), 8),
                            pointerToInteger(cache.offset)),
                         keyBytes);
    }
    Value scores = reserve(4 * tokens * group.size());
    scorePage(op, tile, cache, page, group, scores);
    Values decays = weighScores(op, page, group, state, scores);
    addValues(op, page, group, state, scores, decays);
  });
}

/// Calls `body` with the group's queries.
void KernelEmitter::eachOf(
    const QueryGroup &group,
    llvm::function_ref<void(int64_t i, Value row, Value head)> body) {
  for (int64_t row = 0; row < group.rows; ++row)
    for (int64_t head = 0; head < group.heads; ++head)
      body(row * group.heads + head, add(group.row, index(row)),
           add(group.head, index(head)));
}

Value KernelEmitter::numberOf(kernel::AttentionOp op, Value row, Value head) {
  return add(mul(row, index(op.getHeads() / op.getKvHeads())), head);
}

Value KernelEmitter::queryAt(kernel::AttentionOp op, const QueryTile &tile,
                             Value row, Value head) {
  int64_t stride = kernel::rowStride(op.getQuery().getType());
  int64_t share = op.getHeads() / op.getKvHeads();
  Value column = add(mul(tile.keyHead, index(share)), head);
  return at(
      at(address(op.getQuery()), mul(add(tile.firstRow, row), index(stride))),
      mul(column, index(4 * op.getHeadDim())));
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

void KernelEmitter::scorePage(kernel::AttentionOp op, const QueryTile &tile,
                              const Cache &cache, const Page &page,
                              const QueryGroup &group, Value scores) {
  int64_t tokens = op.getPageTokens();
  Values queries;
  SmallVector<Sight> sights;
  eachOf(group, [&](int64_t, Value row, Value head) {
    queries.push_back(queryAt(op, tile, row, head));
    sights.push_back(sightOf(op, tile, cache, row));
  });
  bool isBytes = op.getKvFormat() == KvFormat::Int8;
  auto multiply = [&](Value key, int64_t blocks) {
    if (cache.turns)
      return multiplyValues(op, cache.turns, page.values, page.position, key,
                            queries);
    if (isBytes)
      return multiplyByteKeys(op, tile, group, page, key, blocks);
    return multiplyKeys(op, page, key, blocks, queries);
  };
  int64_t most = cache.turns ? 1 : tiles.sumsAtOnce() / group.size();
  most = std::clamp<int64_t>(most, 1, tokens / kKeyBlock);
  Value blocks =
      quotient(add(sub(page.end, page.first), index(kKeyBlock - 1)), kKeyBlock);
  loopBlocked(blocks, most, [&](Value block, int64_t count) {
    Value key = add(page.first, mul(block, index(kKeyBlock)));
    Values products = multiply(key, count);
    for (int64_t i = 0; i < count; ++i) {
      Value first = add(key, index(kKeyBlock * i));
      Value position =
          add(broadcast(narrow(add(page.position, first), i32())), iota(i32()));
      for (size_t q = 0; q < queries.size(); ++q) {
        Value s = finishScores(op, products[queries.size() * i + q], position,
                               sights[q]);
        store(s, at(at(scores, shiftLeft(first, 2)), 4 * tokens * q), 64);
      }
    }
  });
}

Value KernelEmitter::finishScores(kernel::AttentionOp op, Value products,
                                  Value position, const Sight &sight) {
  Type type = products.getType();
  Value s = mul(products, constant(type, op.getScale().convertToFloat()));
  if (auto cap = op.getSoftcap())
    s = softcap(s, cap->convertToFloat());
  auto bound = [&](Value limit) { return broadcast(narrow(limit, i32())); };
  Value isSeen = bitAnd(lessEqual(position, bound(sight.high)),
                        lessEqual(bound(sight.low), position));
  return select(isSeen, s, constant(type, kMasked));
}

void KernelEmitter::fetch(Value place, int64_t bytes) {
  for (int64_t offset = 0; offset < bytes; offset += 64)
    prefetch(at(place, offset), 2);
}

void KernelEmitter::fetchAhead(Value column, int64_t blockBytes, int64_t blocks,
                               Value values, int64_t bytes) {
  for (int64_t i = 0; i < blocks; ++i)
    prefetch(at(column, i * blockBytes + kAhead), 1);
  fetch(values, blocks * bytes);
}

KernelEmitter::Values KernelEmitter::multiplyKeys(kernel::AttentionOp op,
                                                  const Page &page, Value key,
                                                  int64_t blocks,
                                                  const Values &queries) {
  int64_t dim = op.getHeadDim();
  int64_t bytes = kKeyBlock * kernel::kvBytes(op.getKvFormat());
  Value start = mul(key, index(dim * bytes / kKeyBlock));
  Value first = at(page.keys, start), values = at(page.values, start);
  Values zeros(blocks * queries.size(), constant(vector(f32()), 0.0));
  return loop(index(0), index(dim), 1, zeros, [&](Value d, ValueRange sums) {
    Value column = at(first, mul(d, index(bytes)));
    if (page.next)
      fetchAhead(column, dim * bytes, blocks,
                 at(values, mul(d, index(blocks * bytes))), bytes);
    Values factors, next;
    for (Value query : queries)
      factors.push_back(broadcast(load(f32(), at(query, shiftLeft(d, 2)), 4)));
    for (int64_t i = 0; i < blocks; ++i) {
      Value k =
          loadKv(op.getKvFormat(), at(column, i * dim * bytes), kKeyBlock);
      for (Value factor : factors)
        next.push_back(fma(factor, k, sums[next.size()]));
    }
    return next;
  });
}

//===----------------------------------------------------------------------===//
// Weights and values
//===----------------------------------------------------------------------===//

/// Makes weights of the scores and notes them in the softmaxes; returns what
/// these weigh less from now on.
KernelEmitter::Values KernelEmitter::weighScores(kernel::AttentionOp op,
                                                 const Page &page,
                                                 const QueryGroup &group,
                                                 const Softmaxes &state,
                                                 Value scores) {
  int64_t tokens = op.getPageTokens(), queries = group.size();
  Type keys = vector(f32());
  auto scoresAt = [&](Value key, int64_t q) {
    return at(at(scores, shiftLeft(key, 2)), 4 * tokens * q);
  };
  Values lowest(queries, constant(keys, kMasked));
  Values greatest = loop(
      page.first, page.end, kKeyBlock, lowest,
      [&](Value key, ValueRange carried) {
        Values next;
        for (int64_t q = 0; q < queries; ++q)
          next.push_back(maximum(carried[q], load(keys, scoresAt(key, q), 64)));
        return next;
      });
  Values peaks, decays;
  eachOf(group, [&](int64_t q, Value row, Value head) {
    Value place = state.of(*this, row, head).peak;
    Value before = load(f32(), place, 4);
    Value peak = maximum(before, largest(greatest[q]));
    store(peak, place, 4);
    decays.push_back(lane(exp(broadcast(sub(before, peak))), 0));
    peaks.push_back(broadcast(peak));
  });
  Values zeros(queries, constant(keys, 0.0));
  Values sums = loop(page.first, page.end, kKeyBlock, zeros,
                     [&](Value key, ValueRange carried) {
                       Values next;
                       Value scales;
                       if (op.getKvFormat() == KvFormat::Int8)
                         scales =
                             scalesAt(op, page.values, op.getHeadDim(), key);
                       for (int64_t q = 0; q < queries; ++q) {
                         Value place = scoresAt(key, q);
                         Value p = exp(sub(load(keys, place, 64), peaks[q]));
                         store(scales ? mul(p, scales) : p, place, 64);
                         next.push_back(add(carried[q], p));
                       }
                       return next;
                     });
  eachOf(group, [&](int64_t q, Value row, Value head) {
    Value place = state.of(*this, row, head).total;
    store(fma(load(f32(), place, 4), decays[q], sum(sums[q])), place, 4);
  });
  return decays;
}

void KernelEmitter::addValues(kernel::AttentionOp op, const Page &page,
                              const QueryGroup &group, const Softmaxes &state,
                              Value weights, const Values &decays) {
  int64_t tokens = op.getPageTokens(), dim = op.getHeadDim();
  int64_t bytes = kernel::kvBytes(op.getKvFormat()), lanes = lanesFor(dim);
  // Vectors of a value that registers hold the sums of.
  int64_t vectors = 1;
  while (2 * vectors * group.size() <= tiles.sumsAtOnce() &&
         dim % (2 * vectors * lanes) == 0)
    vectors *= 2;
  Values places;
  eachOf(group, [&](int64_t, Value row, Value head) {
    places.push_back(state.of(*this, row, head).weighted);
  });
  loop(index(0), index(dim), vectors * lanes, [&](Value d) {
    auto partOf = [&](Value place, int64_t i) {
      return at(at(place, shiftLeft(d, 2)), 4 * lanes * i);
    };
    Values running;
    for (auto [place, decay] : llvm::zip_equal(places, decays))
      for (int64_t i = 0; i < vectors; ++i)
        running.push_back(mul(load(vector(f32(), lanes), partOf(place, i), 4),
                              broadcast(decay, lanes)));
    Values sums = loop(
        page.first, page.end, 1, running, [&](Value key, ValueRange carried) {
          Value value =
              at(page.values, mul(add(mul(key, index(dim)), d), index(bytes)));
          if (page.next) {
            Value done =
                add(mul(d, index(tokens)), mul(key, index(vectors * lanes)));
            fetch(at(page.next, mul(done, index(bytes))),
                  vectors * lanes * bytes);
          }
          Values parts, next;
          for (int64_t i = 0; i < vectors; ++i)
            parts.push_back(
                loadKv(op.getKvFormat(), at(value, i * lanes * bytes), lanes));
          for (int64_t q = 0; q < group.size(); ++q) {
            Value weight = at(at(weights, shiftLeft(key, 2)), 4 * tokens * q);
            Value p = broadcast(load(f32(), weight, 4), lanes);
            for (Value part : parts)
              next.push_back(fma(p, part, carried[next.size()]));
          }
          return next;
        });
    for (auto [q, place] : llvm::enumerate(places))
      for (int64_t i = 0; i < vectors; ++i)
        store(sums[vectors * q + i], partOf(place, i), 4);
  });
}

Value KernelEmitter::loadKv(KvFormat format, Value pointer, int64_t lanes) {
  int64_t align = lanes * kernel::kvBytes(format);
  if (format == KvFormat::Int8) {
    Value bytes = load(vector(i8(), lanes), pointer, align);
    return toFloat(signExtend(bytes, i32()), f32());
  }
  Type element = format == KvFormat::F32 ? f32() : bf16();
  return extend(load(vector(element, lanes), pointer, align), f32());
}

Value KernelEmitter::scalesAt(kernel::AttentionOp op, Value integers,
                              int64_t stride, Value key) {
  Value scales = at(integers, stride * op.getPageTokens());
  return load(vector(f32()), at(scales, shiftLeft(key, 2)), 16);
}
