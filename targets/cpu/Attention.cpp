//===- Attention.cpp - Attention with a running softmax ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows of a block and the query heads that share a key head are a tile: it
// goes through the pages of keys together, so that a page is read from memory
// once. What happens within a page is in AttendPage.cpp.
#include "targets/cpu/Softmax.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;
using kernel::kStrands;

/// Queries of a tile: their softmaxes stay in the second cache level beside a
/// page.
static constexpr int64_t kTileQueries = 64;

static int64_t sharedHeads(kernel::AttentionOp op) {
  return op.getHeads() / op.getKvHeads();
}

static int64_t tileRows(kernel::AttentionOp op) {
  if (op.getWanted())
    return 1;
  return std::max<int64_t>(1, kTileQueries / sharedHeads(op));
}

int64_t KernelEmitter::tileQueries(kernel::AttentionOp op) {
  return tileRows(op) * sharedHeads(op);
}

void KernelEmitter::emitAttention(kernel::AttentionOp op, Value slice) {
  Value strand;
  if (op.getStrands()) {
    strand = remainder(slice, kStrands);
    slice = quotient(slice, kStrands);
  }
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
  auto pagesIn = [&](Value tables) {
    return load(ptr(), at(address(tables), shiftLeft(source, 3)), 8);
  };
  QueryTile tile = {.keyHead = keyHead};
  tile.caches.push_back(
      {pagesIn(op.getPages()), address(op.getOffset()), Value(), Value()});
  if (Value ends = op.getEnds())
    tile.caches[0].end = entry(address(ends), source);
  if (op.getSourcePages())
    tile.caches.push_back({pagesIn(op.getSourcePages()),
                           address(op.getSourceOffset()),
                           entry(address(op.getSourceEnds()), source), Value(),
                           /*isSource=*/true});
  if (!strand)
    clearPadding(op, first, count);
  loop(index(0), count, tileRows(op), [&](Value row) {
    tile.rows = minimum(sub(count, row), index(tileRows(op)));
    tile.firstRow = add(first, row);
    tile.firstPosition = add(position, row);
    if (strand)
      attendStrand(op, tile, strand);
    else
      attendStrands(op, tile);
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

//===----------------------------------------------------------------------===//
// Strands
//===----------------------------------------------------------------------===//

KernelEmitter::PageRange KernelEmitter::pagesOf(kernel::AttentionOp op,
                                                const QueryTile &tile,
                                                const Cache &cache,
                                                Value strand) {
  int64_t tokens = op.getPageTokens();
  Value oldest = sightOf(op, tile, cache, index(0)).low;
  Value newest = sightOf(op, tile, cache, sub(tile.rows, index(1))).high;
  Value first = quotient(oldest, tokens);
  Value ahead = bitAnd(sub(strand, first), index(kStrands - 1));
  return {add(first, ahead), quotient(add(newest, index(tokens)), tokens)};
}

/// Whether there are pages of the strand that the tile sees.
Value KernelEmitter::isSeen(kernel::AttentionOp op, const QueryTile &tile,
                            Value strand) {
  Value seen;
  for (const Cache &cache : tile.caches) {
    PageRange pages = pagesOf(op, tile, cache, strand);
    Value any = lessEqual(add(pages.first, index(1)), pages.end);
    seen = seen ? bitOr(seen, any) : any;
  }
  return seen;
}

void KernelEmitter::eachQuery(
    kernel::AttentionOp op, const QueryTile &tile,
    llvm::function_ref<void(Value row, Value head)> body) {
  loop(index(0), tile.rows, 1, [&](Value row) {
    loop(index(0), index(sharedHeads(op)), 1,
         [&](Value head) { body(row, head); });
  });
}

void KernelEmitter::attendPages(kernel::AttentionOp op, const QueryTile &tile,
                                Value strand, const Softmaxes &state) {
  int64_t share = sharedHeads(op), heads = share;
  int64_t atOnce = tiles.queriesAtOnce();
  while (heads > atOnce || share % heads)
    --heads;
  int64_t rows = op.getWanted() ? 1 : std::max<int64_t>(1, atOnce / heads);
  eachQuery(op, tile, [&](Value row, Value head) {
    clearSoftmax(state.of(*this, row, head), op.getHeadDim());
  });
  for (const Cache &cache : tile.caches) {
    PageRange pages = pagesOf(op, tile, cache, strand);
    loop(pages.first, pages.end, kStrands, [&](Value page) {
      loopBlocked(tile.rows, rows, [&](Value row, int64_t n) {
        loop(index(0), index(share), heads, [&](Value head) {
          attendPage(op, tile, cache, page, {n, heads, row, head}, state);
        });
      });
    });
  }
}

/// Leaves one strand's softmaxes in the result.
void KernelEmitter::attendStrand(kernel::AttentionOp op, QueryTile &tile,
                                 Value strand) {
  int64_t stride = kernel::rowStride(op.getResult().getType());
  Value row = add(mul(tile.firstRow, index(kStrands)), strand);
  Value head = mul(tile.keyHead, index(sharedHeads(op)));
  Softmaxes state =
      softmaxesIn(op.getHeads(), op.getHeadDim(),
                  at(address(op.getResult()), mul(row, index(stride))),
                  kStrands * stride, head);
  eachQuery(op, tile, [&](Value row, Value head) {
    store(constant(f32(), 0.0), state.of(*this, row, head).total, 4);
  });
  when(isSeen(op, tile, strand), [&] {
    prepareQueries(op, tile);
    attendPages(op, tile, strand, state);
  });
}

/// Goes through all strands.
void KernelEmitter::attendStrands(kernel::AttentionOp op, QueryTile &tile) {
  int64_t share = sharedHeads(op), dim = op.getHeadDim();
  int64_t stride = 4 * share * (dim + 2), rows = tileRows(op);
  Softmaxes one =
      softmaxesIn(share, dim, reserve(rows * stride), stride, index(0));
  Softmaxes all =
      softmaxesIn(share, dim, reserve(rows * stride), stride, index(0));
  prepareQueries(op, tile);
  eachQuery(op, tile, [&](Value row, Value head) {
    clearSoftmax(all.of(*this, row, head), dim);
  });
  loop(index(0), index(kStrands), 1, [&](Value strand) {
    when(isSeen(op, tile, strand), [&] {
      attendPages(op, tile, strand, one);
      eachQuery(op, tile, [&](Value row, Value head) {
        mergeSoftmax(all.of(*this, row, head), one.of(*this, row, head), dim);
      });
    });
  });
  kernel::RowsType type = op.getResult().getType();
  eachQuery(op, tile, [&](Value row, Value head) {
    Value out =
        at(address(op.getResult()),
           mul(add(tile.firstRow, row), index(kernel::rowStride(type))));
    Value column = mul(add(mul(tile.keyHead, index(share)), head), index(dim));
    storeHead(type, all.of(*this, row, head), dim, out, column);
  });
}

void KernelEmitter::storeHead(kernel::RowsType type, const Softmax &head,
                              int64_t dim, Value row, Value column) {
  // Two vectors at once, a group; smaller heads come as float32.
  bool groups = dim % kernel::kGroup == 0;
  int64_t lanes = lanesFor(dim), step = groups ? kernel::kGroup : lanes;
  Value divisor = broadcast(load(f32(), head.total, 4), lanes);
  loop(index(0), index(dim), step, [&](Value d) {
    Value from = at(head.weighted, shiftLeft(d, 2));
    auto result = [&](int64_t offset) {
      return divide(load(vector(f32(), lanes), at(from, offset), 4), divisor);
    };
    Value place = add(column, d);
    if (groups)
      return storeColumns(type, row, place, {result(0), result(4 * lanes)});
    store(result(0), at(row, shiftLeft(place, 2)), 4);
  });
}

void KernelEmitter::emitMergeStrands(kernel::MergeStrandsOp op, Value unit) {
  int64_t width = op.getType().getWidth(), heads = op.getHeads();
  int64_t dim = width / heads;
  int64_t stride = kernel::rowStride(op.getStrands().getType());
  Value first =
      at(address(op.getStrands()), mul(unit, index(kStrands * stride)));
  Softmaxes strands = softmaxesIn(heads, dim, first, stride, index(0));
  Softmaxes all = softmaxesIn(1, dim, reserve(4 * (dim + 2)), 0, index(0));
  Value out = reserve(4 * kernel::padded(width));
  auto type =
      kernel::RowsType::get(op.getContext(), width, kernel::RowFormat::F32);
  loop(index(0), index(heads), 1, [&](Value head) {
    Softmax sum = all.of(*this, index(0), index(0));
    clearSoftmax(sum, dim);
    loop(index(0), index(kStrands), 1, [&](Value strand) {
      Softmax one = strands.of(*this, strand, head);
      // The greatest key of a strand that is seen weighs 1.
      Value least = constant(f32(), 1.0);
      when(lessEqual(least, load(f32(), one.total, 4)),
           [&] { mergeSoftmax(sum, one, dim); });
    });
    storeHead(type, sum, dim, out, mul(head, index(dim)));
  });
  clearBehind(out, width);
  defineRow(op.getResult(), out);
}
