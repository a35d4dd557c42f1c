//===- ByteKeys.cpp - Keys of eight bits ------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A query is rounded as a key is, so that their product is one of integers.
#include "targets/cpu/Softmax.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;
using kernel::kKeyBlock;

/// From one rounded query to the next.
static int64_t queryStride(kernel::AttentionOp op) {
  return llvm::alignTo(op.getHeadDim(), 64);
}

void KernelEmitter::prepareQueries(kernel::AttentionOp op, QueryTile &tile) {
  if (op.getKeyWeight())
    tile.caches.front().turns = makeTurns(op);
  if (op.getKvFormat() != kernel::KvFormat::Int8)
    return;
  int64_t dim = op.getHeadDim(), queries = tileQueries(op);
  tile.bytes = reserve(queries * queryStride(op));
  tile.scales = reserve(4 * queries);
  tile.sums = reserve(4 * queries);
  eachQuery(op, tile, [&](Value row, Value head) {
    Value query = numberOf(op, row, head);
    Value to = at(tile.bytes, mul(query, index(queryStride(op))));
    for (int64_t d = dim; d % 4; ++d)
      store(constant(i8(), 0), at(to, d), 1);
    Value sum = roundToBytes(queryAt(op, tile, row, head), dim, to,
                             at(tile.scales, shiftLeft(query, 2)));
    store(sum, at(tile.sums, shiftLeft(query, 2)), 4);
  });
}

KernelEmitter::Values
KernelEmitter::multiplyByteKeys(kernel::AttentionOp op, const QueryTile &tile,
                                const QueryGroup &group, const Page &page,
                                Value key, int64_t blocks) {
  int64_t width = llvm::alignTo(op.getHeadDim(), 4);
  bool toSigned = tiles.wantsSignedWeights();
  Values bytes, scales, starts;
  eachOf(group, [&](int64_t, Value row, Value head) {
    Value query = numberOf(op, row, head);
    Value number = shiftLeft(query, 2);
    bytes.push_back(at(tile.bytes, mul(query, index(queryStride(op)))));
    scales.push_back(broadcast(load(f32(), at(tile.scales, number), 4)));
    // Keys are too large by 128.
    Value sum = load(i32(), at(tile.sums, number), 4);
    starts.push_back(broadcast(toSigned ? constant(i32(), 0)
                                        : mul(sum, constant(i32(), -128))));
  });
  Value first = at(page.keys, mul(key, index(width)));
  Value values = at(page.values, mul(key, index(op.getHeadDim())));
  Values sums;
  for (int64_t i = 0; i < blocks; ++i)
    llvm::append_range(sums, starts);
  sums = loop(index(0), index(width), 4, sums, [&](Value d, ValueRange sums) {
    Value column = at(first, mul(d, index(kKeyBlock)));
    if (page.next)
      fetchAhead(column, width * kKeyBlock, blocks,
                 at(values, mul(d, index(blocks * kKeyBlock))), 4 * kKeyBlock);
    Values factors, next;
    for (Value query : bytes)
      factors.push_back(load(i32(), at(query, d), 4));
    for (int64_t i = 0; i < blocks; ++i) {
      Value quad =
          load(vector(i8(), 64), at(column, i * width * kKeyBlock), 64);
      if (toSigned)
        quad = bitXor(quad, constant(quad.getType(), -128));
      for (Value factor : factors)
        next.push_back(tiles.dotBytes(*this, sums[next.size()], quad, factor));
    }
    return next;
  });
  for (int64_t i = 0; i < blocks; ++i) {
    Value keyScales =
        scalesAt(op, page.keys, width, add(key, index(kKeyBlock * i)));
    for (size_t q = 0; q < scales.size(); ++q) {
      Value &sum = sums[scales.size() * i + q];
      sum = mul(mul(toFloat(sum, f32()), keyScales), scales[q]);
    }
  }
  return sums;
}
