//===- Attention.cpp - Attention with a running softmax ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Queries that share a key head go through the keys together, 16 keys at a
// time: a key vector is read once and used for all of them.
#include "targets/cpu/KernelEmitter.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

// Below every score and finite, so that differences of it are no NaN.
static constexpr double kMasked = -1.0e30;

/// `rows` consecutive rows and of each `heads` query heads, all of one key
/// head.
struct KernelEmitter::QueryGroup {
  int64_t rows, heads;
  Value firstRow;      ///< row of the step
  Value firstPosition; ///< its position
  Value end;           ///< position behind the last; null for causal rows
  Value sourceEnd;     ///< position behind the last of the source; may be null
  Value firstHead;     ///< query head
  Value keyHead;
  Value pages; ///< page table of the sequence
  Value sourcePages;
  Value turns; ///< of keys that follow from values; null for kept ones
};

/// Keys and values of a sequence, and of each query from where to where it sees
/// them.
struct KernelEmitter::Keys {
  Value pages;
  Value offset; ///< of the layer's part in a page
  Value turns;  ///< where there are values only; else null
  Values low, high;
};

Value KernelEmitter::loadKv(kernel::KvFormat format, Value pointer,
                            int64_t lanes) {
  Type element = format == kernel::KvFormat::F32 ? f32() : bf16();
  int64_t align = lanes * kernel::kvBytes(format);
  return extend(load(vector(element, lanes), pointer, align), f32());
}

void KernelEmitter::emitAttention(kernel::AttentionOp op, Value slice) {
  int64_t share = op.getHeads() / op.getKvHeads();
  Value keyHead = remainder(slice, op.getKvHeads());
  Value unit = quotient(slice, op.getKvHeads());
  auto entry = [&](Value list, Value i) {
    return signExtend(load(i32(), at(list, shiftLeft(i, 2)), 4), i64());
  };
  // Rows of query and result from `first` on; of the step from `source` on.
  Value first = unit, count = index(1), source;
  if (op.getWanted()) {
    source = entry(address(op.getList()), unit);
  } else {
    Value block = at(address(op.getList()), shiftLeft(unit, 3));
    first = source = entry(block, index(0));
    count = entry(block, index(1));
  }
  Value position = entry(address(op.getPositions()), source);
  Value pages =
      load(ptr(), at(address(op.getPages()), shiftLeft(source, 3)), 8);
  Value end, sourceEnd, sourcePages;
  if (Value ends = op.getEnds())
    end = entry(address(ends), source);
  if (op.getSourcePages()) {
    sourceEnd = entry(address(op.getSourceEnds()), source);
    sourcePages =
        load(ptr(), at(address(op.getSourcePages()), shiftLeft(source, 3)), 8);
  }
  clearPadding(op, first, count);
  Value turns = op.getKeyWeight() ? makeTurns(op) : Value();
  int64_t heads = share, atOnce = tiles.queriesAtOnce();
  while (heads > atOnce || share % heads)
    --heads;
  int64_t rows = op.getWanted() ? 1 : std::max<int64_t>(1, atOnce / heads);
  loop(index(0), index(share), heads, [&](Value part) {
    Value head = add(mul(keyHead, index(share)), part);
    loopBlocked(count, rows, [&](Value row, int64_t n) {
      attend(op, {n, heads, add(first, row), add(position, row), end, sourceEnd,
                  head, keyHead, pages, sourcePages, turns});
    });
  });
}

void KernelEmitter::clearPadding(kernel::AttentionOp op, Value first,
                                 Value count) {
  kernel::RowsType type = op.getResult().getType();
  int64_t width = type.getWidth(), stride = kernel::rowStride(type);
  if (width == kernel::padded(width))
    return;
  loop(first, add(first, count), 1, [&](Value row) {
    Value start = at(address(op.getResult()), mul(row, index(stride)));
    if (width % kernel::kGroup == 0)
      return storeColumns(type, start, index(width),
                          Values(2, constant(vector(f32()), 0.0)));
    loop(index(4 * width), index(stride), 4, [&](Value offset) {
      store(constant(f32(), 0.0), at(start, offset), 4);
    });
  });
}

void KernelEmitter::storeHead(kernel::RowsType type, Value head, Value total,
                              int64_t dim, Value row, Value column) {
  // Two vectors at once, a group; smaller heads come as float32.
  bool groups = dim % kernel::kGroup == 0;
  int64_t lanes = lanesFor(dim), step = groups ? kernel::kGroup : lanes;
  Value divisor = broadcast(total, lanes);
  loop(index(0), index(dim), step, [&](Value d) {
    Value from = at(head, shiftLeft(d, 2));
    auto result = [&](int64_t offset) {
      return divide(load(vector(f32(), lanes), at(from, offset), 4), divisor);
    };
    Value place = add(column, d);
    if (groups)
      return storeColumns(type, row, place, {result(0), result(4 * lanes)});
    store(result(0), at(row, shiftLeft(place, 2)), 4);
  });
}

KernelEmitter::Values KernelEmitter::multiplyKeys(kernel::AttentionOp op,
                                                  Value keys,
                                                  const Values &query) {
  int64_t bytes = kernel::kvBytes(op.getKvFormat());
  Values zeros(query.size(), constant(vector(f32(), kernel::kKeyBlock), 0.0));
  return loop(index(0), index(op.getHeadDim()), 1, zeros,
              [&](Value d, ValueRange sums) {
                Value k =
                    loadKv(op.getKvFormat(),
                           at(keys, mul(d, index(kernel::kKeyBlock * bytes))),
                           kernel::kKeyBlock);
                Values next;
                for (auto [q, sum] : llvm::zip_equal(query, sums)) {
                  Value x = load(f32(), at(q, shiftLeft(d, 2)), 4);
                  next.push_back(fma(broadcast(x), k, sum));
                }
                return next;
              });
}

/// Goes through the keys with the queries at `query`; `state` is of each the
/// running maximum, then of each the running sum, of weights of the values that
/// are summed in `weighted`.
Emitter::Values KernelEmitter::attendKeys(kernel::AttentionOp op,
                                          const Keys &seen, Value keyHead,
                                          const Values &query, Value weighted,
                                          Values state) {
  int64_t dim = op.getHeadDim(), lanes = lanesFor(dim);
  int64_t tokens = op.getPageTokens(), queries = query.size();
  int64_t bytes = kernel::kvBytes(op.getKvFormat());
  int64_t perHead = dim * tokens * bytes;
  Value probabilities = reserve(4 * kernel::kKeyBlock * queries);
  VectorType keys = vector(f32(), kernel::kKeyBlock);
  Value start = mul(quotient(seen.low.front(), kernel::kKeyBlock),
                    index(kernel::kKeyBlock));
  return loop(
      start, add(seen.high.back(), index(1)), kernel::kKeyBlock, state,
      [&](Value t, ValueRange carried) {
        Value page =
            load(ptr(), at(seen.pages, shiftLeft(quotient(t, tokens), 3)), 8);
        Value slot = remainder(t, tokens);
        Value layer = at(page, pointerToInteger(seen.offset));
        auto blockAt = [&](Value heads) {
          return at(at(heads, mul(keyHead, index(perHead))),
                    mul(slot, index(dim * bytes)));
        };
        Value valueBlock =
            blockAt(seen.turns ? layer : at(layer, perHead * op.getKvHeads()));
        Values scores =
            seen.turns ? multiplyValues(op, seen.turns, valueBlock, t, query)
                       : multiplyKeys(op, blockAt(layer), query);
        Value position = add(broadcast(narrow(t, i32())), iota(i32()));
        Values maxima, sums, decays;
        for (int64_t q = 0; q < queries; ++q) {
          Value s =
              mul(scores[q], constant(keys, op.getScale().convertToFloat()));
          if (auto cap = op.getSoftcap())
            s = softcap(s, cap->convertToFloat());
          auto bound = [&](Value limit) {
            return broadcast(narrow(limit, i32()));
          };
          Value visible = bitAnd(lessEqual(position, bound(seen.high[q])),
                                 lessEqual(bound(seen.low[q]), position));
          s = select(visible, s, constant(keys, kMasked));
          Value peak = maximum(carried[q], largest(s));
          Value p = exp(sub(s, broadcast(peak)));
          Value decay = lane(exp(broadcast(sub(carried[q], peak))), 0);
          store(p, at(probabilities, 4 * kernel::kKeyBlock * q), 64);
          maxima.push_back(peak);
          sums.push_back(fma(carried[queries + q], decay, sum(p)));
          decays.push_back(decay);
        }
        loop(index(0), index(dim), lanes, [&](Value d) {
          Values running;
          for (int64_t q = 0; q < queries; ++q) {
            Value place = at(at(weighted, shiftLeft(d, 2)), 4 * dim * q);
            running.push_back(mul(load(vector(f32(), lanes), place, 4),
                                  broadcast(decays[q], lanes)));
          }
          Values next =
              loop(index(0), index(kernel::kKeyBlock), 1, running,
                   [&](Value j, ValueRange sums) {
                     Value v =
                         loadKv(op.getKvFormat(),
                                at(valueBlock, mul(add(mul(j, index(dim)), d),
                                                   index(bytes))),
                                lanes);
                     Values next;
                     for (auto [q, sum] : llvm::enumerate(sums)) {
                       Value p = load(f32(),
                                      at(at(probabilities, shiftLeft(j, 2)),
                                         4 * kernel::kKeyBlock * q),
                                      4);
                       next.push_back(fma(broadcast(p, lanes), v, sum));
                     }
                     return next;
                   });
          for (int64_t q = 0; q < queries; ++q)
            store(next[q], at(at(weighted, shiftLeft(d, 2)), 4 * dim * q), 4);
        });
        maxima.append(sums);
        return maxima;
      });
}

/// From where to where the group's queries see the keys of their own cache.
KernelEmitter::Keys KernelEmitter::ownKeys(kernel::AttentionOp op,
                                           const QueryGroup &group) {
  int64_t window = op.getWindow();
  Keys keys{group.pages, address(op.getOffset()), group.turns, {}, {}};
  for (int64_t row = 0; row < group.rows; ++row) {
    Value position = add(group.firstPosition, index(row));
    Value oldest =
        window ? maximum(sub(position, index(window - 1)), index(0)) : index(0);
    Value newest = position;
    if (group.end) {
      newest = sub(group.end, index(1));
      if (window)
        newest = minimum(newest, add(position, index(op.getAhead())));
    }
    keys.low.append(group.heads, oldest);
    keys.high.append(group.heads, newest);
  }
  return keys;
}

void KernelEmitter::attend(kernel::AttentionOp op, const QueryGroup &group) {
  int64_t dim = op.getHeadDim(), lanes = lanesFor(dim);
  int64_t queries = group.rows * group.heads;
  auto rowAt = [&](Value rows, int64_t row) {
    auto type = cast<kernel::RowsType>(rows.getType());
    return at(address(rows), mul(add(group.firstRow, index(row)),
                                 index(kernel::rowStride(type))));
  };
  Values query, out;
  for (int64_t row = 0; row < group.rows; ++row) {
    Value queryRow =
        at(rowAt(op.getQuery(), row), mul(group.firstHead, index(4 * dim)));
    Value outRow = rowAt(op.getResult(), row);
    for (int64_t head = 0; head < group.heads; ++head) {
      query.push_back(at(queryRow, 4 * dim * head));
      out.push_back(outRow);
    }
  }
  Value weighted = reserve(4 * dim * queries);
  loop(index(0), index(4 * dim * queries), 4 * lanes, [&](Value offset) {
    store(constant(vector(f32(), lanes), 0.0), at(weighted, offset), 4);
  });
  Values state(queries, constant(f32(), kMasked));
  state.append(queries, constant(f32(), 0.0));
  state =
      attendKeys(op, ownKeys(op, group), group.keyHead, query, weighted, state);
  if (group.sourcePages) {
    Keys source{group.sourcePages, address(op.getSourceOffset()), Value(),
                Values(queries, index(0)),
                Values(queries, sub(group.sourceEnd, index(1)))};
    state = attendKeys(op, source, group.keyHead, query, weighted, state);
  }
  for (int64_t q = 0; q < queries; ++q) {
    Value head = add(group.firstHead, index(q % group.heads));
    storeHead(op.getResult().getType(), at(weighted, 4 * dim * q),
              state[queries + q], dim, out[q], mul(head, index(dim)));
  }
}
