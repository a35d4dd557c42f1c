//===- Planes.cpp - Products with the planes of a weight --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A weight in planes is summed twice: over its upper plane, which is laid out
// as any other, then over its lower one, whose lines belong to one row each.
// Panels of the lower plane are turned around in registers; of a single row the
// lanes are groups of columns. Either way the same floats are added in one
// order.
#include "targets/cpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;
using kernel::WeightFormat;

// What a lower half is stored too large by.
static constexpr int64_t kOffset = 8;
static constexpr int64_t kLine = 64;
static constexpr int64_t kGroupsPerTile = kernel::kTileColumns / kernel::kGroup;

//===----------------------------------------------------------------------===//
// Panels
//===----------------------------------------------------------------------===//

/// Makes rows of 16 words columns.
static void transpose(Emitter &emit, Emitter::Values &words) {
  for (int64_t step = 1; step < kLanes; step *= 2) {
    SmallVector<int64_t> first, second;
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      first.push_back(lane & step ? kLanes + lane - step : lane);
      second.push_back(lane & step ? kLanes + lane : lane + step);
    }
    for (int64_t i = 0; i < kLanes; ++i) {
      if (i & step)
        continue;
      Value a = words[i], b = words[i + step];
      words[i] = emit.shuffle(a, b, first);
      words[i + step] = emit.shuffle(a, b, second);
    }
  }
}

Emitter::Values
TileEmitter::addLowerTile(Emitter &emit, kernel::WeightType weight,
                          ValueRange rows, Value upper, Value lower, Value tile,
                          int64_t groups, ValueRange sums) const {
  Value lines = emit.at(lower, emit.mul(tile, emit.index(kernel::kTileBytes)));
  Emitter::Values words;
  for (int64_t row = 0; row < kLanes; ++row)
    words.push_back(
        loadLine(emit, emit.vector(emit.i32()), emit.at(lines, row * kLine)));
  transpose(emit, words);
  Emitter::Values totals(sums);
  for (int64_t group = 0; group < groups; ++group) {
    Emitter::Values x, factors, dots;
    for (Value row : rows) {
      Value perGroup =
          emit.at(emit.at(row, emit.shiftLeft(tile, 4)), 4 * group);
      x.push_back(emit.at(emit.at(row, emit.shiftLeft(tile, 7)),
                          kernel::kGroup * group));
      int64_t width = weight.getColumns();
      factors.push_back(emit.load(
          emit.f32(), emit.at(perGroup, kernel::rowScales(width)), 4));
      Value total =
          emit.load(emit.i32(), emit.at(perGroup, kernel::rowSums(width)), 4);
      dots.push_back(
          emit.broadcast(emit.mul(total, emit.constant(emit.i32(), -kOffset))));
    }
    for (int64_t quad = 0; quad < 8; ++quad) {
      Value weights =
          nibbles(emit, words[group % 2 * 8 + quad], /*high=*/group >= 2);
      for (auto [row, dot] : llvm::zip_equal(x, dots))
        dot = dotBytes(emit, dot, weights,
                       emit.load(emit.i32(), emit.at(row, 4 * quad), 4));
    }
    Value blocks = emit.add(emit.shiftLeft(tile, 1), emit.index(group / 2));
    int64_t blockBytes = kernel::blockBytes(WeightFormat::Planes);
    Value scales = loadScales(
        emit, WeightFormat::Planes,
        emit.at(upper, emit.mul(blocks, emit.index(blockBytes))), group % 2);
    for (auto [dot, factor, total] : llvm::zip_equal(dots, factors, totals))
      total = emit.fma(emit.toFloat(dot, emit.f32()),
                       emit.mul(scales, emit.broadcast(factor)), total);
  }
  return totals;
}

void TileEmitter::addLowerSlice(Emitter &emit, kernel::WeightType weight,
                                kernel::RowsType input, Value rows, Value count,
                                Value upper, Value lower, Value tile) const {
  int64_t stride = kernel::rowStride(input);
  int64_t whole = kernel::padded(weight.getColumns()) / kernel::kTileColumns;
  bool hasHalf = whole < kernel::lowerTiles(weight);
  emit.loop(emit.index(0), emit.index(kernel::kSlicePanels), 1, [&](Value p) {
    Value upperPanel =
        emit.at(upper, emit.mul(p, emit.index(kernel::panelBytes(weight))));
    Value lowerPanel = emit.at(
        lower, emit.mul(p, emit.index(kernel::lowerPanelBytes(weight))));
    Value column = emit.at(tile, emit.shiftLeft(p, 6));
    emit.loopBlocked(
        count, rowsAtOnce(WeightFormat::Planes), [&](Value r, int64_t n) {
          Value first = emit.at(rows, emit.mul(r, emit.index(stride)));
          Value out = emit.at(column, emit.shiftLeft(r, 8));
          Emitter::Values addresses, sums;
          for (int64_t i = 0; i < n; ++i) {
            addresses.push_back(emit.at(first, i * stride));
            sums.push_back(emit.load(emit.vector(emit.f32()),
                                     emit.at(out, i * 4 * kernel::kSliceRows),
                                     64));
          }
          sums = emit.loop(emit.index(0), emit.index(whole), 1, sums,
                           [&](Value t, ValueRange carried) {
                             return addLowerTile(emit, weight, addresses,
                                                 upperPanel, lowerPanel, t,
                                                 kGroupsPerTile, carried);
                           });
          if (hasHalf)
            sums = addLowerTile(emit, weight, addresses, upperPanel, lowerPanel,
                                emit.index(whole), kGroupsPerTile / 2, sums);
          for (auto [i, sum] : llvm::enumerate(sums))
            emit.store(sum, emit.at(out, i * 4 * kernel::kSliceRows), 64);
        });
  });
}

//===----------------------------------------------------------------------===//
// Single rows
//===----------------------------------------------------------------------===//

// Tiles whose dot products fill 16 lanes.
static constexpr int64_t kTilesAtOnce = kLanes / kGroupsPerTile;

KernelEmitter::Refiner
KernelEmitter::makeRefiner(TypedValue<kernel::WeightType> weight,
                           TypedValue<kernel::RowsType> rows, Value unit) {
  kernel::WeightType type = weight.getType();
  int64_t width = type.getColumns(), groups = kernel::groupCount(type);
  Refiner refiner;
  refiner.type = type;
  refiner.weight = address(weight);
  refiner.bytes =
      at(address(rows), mul(unit, index(kernel::rowStride(rows.getType()))));
  int64_t places = 4 * llvm::alignTo(groups, kLanes);
  refiner.factors = reserve(places);
  refiner.starts = reserve(places);
  refiner.dots = reserve(places);
  Values squares = loop(
      index(0), index(4 * groups), 4, constant(f64(), 0.0),
      [&](Value offset, ValueRange carried) -> Values {
        Value perGroup = at(refiner.bytes, offset);
        Value factor = load(f32(), at(perGroup, kernel::rowScales(width)), 4);
        Value total = load(i32(), at(perGroup, kernel::rowSums(width)), 4);
        store(factor, at(refiner.factors, offset), 4);
        store(mul(total, constant(i32(), -kOffset)), at(refiner.starts, offset),
              4);
        Value place = at(refiner.bytes, shiftLeft(offset, 3));
        Value square = constant(i32(), 0);
        for (int64_t half = 0; half < kernel::kGroup; half += kLanes) {
          Value x = signExtend(load(vector(i8()), at(place, half), 16), i32());
          square = add(square, sum(mul(x, x)));
        }
        Value wide = extend(factor, f64());
        return {fma(mul(wide, wide), toFloat(square, f64()), carried[0])};
      });
  // Every sum of floats is rounded by less than 2^-24 of the estimate and the
  // bound, at each group and a few times more; four times that is plenty.
  double rounding = std::ldexp(4.0 * (groups + 8), -24);
  refiner.rounding = rounding;
  Value norm = mul(squareRoot(squares[0]), constant(f64(), 1 + rounding));
  refiner.norm =
      broadcast(arith::TruncFOp::create(builder, location, f32(), norm));
  return refiner;
}

Value KernelEmitter::upperBounds(const Refiner &refiner, Value estimates,
                                 Value column) {
  Value norms = at(refiner.weight, kernel::rowNorms(refiner.type));
  Value rest = load(estimates.getType(), at(norms, shiftLeft(column, 2)), 64);
  auto number = [&](double x) { return constant(estimates.getType(), x); };
  // The last part is more than what vanishes where products are tiny.
  Value error = add(mul(rest, refiner.norm), number(1e-36));
  error = add(error, mul(absolute(estimates), number(refiner.rounding)));
  return add(estimates, error);
}

/// Lane by lane the sums of neighbours, of `a`, then of `b`.
static Value addNeighbours(Emitter &emit, Value a, Value b) {
  SmallVector<int64_t> even, odd;
  for (int64_t i = 0; i < 2 * kLanes; i += 2) {
    even.push_back(i);
    odd.push_back(i + 1);
  }
  return emit.add(emit.shuffle(a, b, even), emit.shuffle(a, b, odd));
}

Value KernelEmitter::lowerLines(kernel::WeightType type, Value weight,
                                Value row) {
  Value panel = mul(quotient(row, kernel::kPanelRows),
                    index(kernel::lowerPanelBytes(type)));
  Value lines = at(at(weight, kernel::lowerPlane(type)), panel);
  return at(lines, shiftLeft(remainder(row, kernel::kPanelRows), 6));
}

void KernelEmitter::prefetchRow(const Refiner &refiner, Value row) {
  Value lines = lowerLines(refiner.type, refiner.weight, row);
  int64_t tileCount = kernel::lowerTiles(refiner.type);
  for (int64_t tile = 0; tile < tileCount; ++tile)
    prefetch(at(lines, tile * kernel::kTileBytes), 1);
  int64_t bytes = 2 * kernel::groupCount(refiner.type);
  Value scales = rowScalesAt(refiner, row);
  for (int64_t offset = 0; offset < bytes + kLine - 1; offset += kLine)
    prefetch(at(scales, std::min(offset, bytes - 1)), 1);
}

Value KernelEmitter::rowScalesAt(const Refiner &refiner, Value row) {
  Value panel = mul(quotient(row, kernel::kPanelRows),
                    index(kernel::lowerPanelBytes(refiner.type)));
  int64_t begin = kernel::lowerPlane(refiner.type) +
                  kernel::lowerTiles(refiner.type) * kernel::kTileBytes;
  Value lane = remainder(row, kernel::kPanelRows);
  return at(at(at(refiner.weight, begin), panel),
            mul(lane, index(2 * kernel::groupCount(refiner.type))));
}

void KernelEmitter::dotTiles(const Refiner &refiner, Value lines, Value first,
                             int64_t count, bool isLast) {
  Value zero = constant(vector(i32()), 0);
  Values sums(2 * kTilesAtOnce, zero);
  int64_t halves =
      kernel::padded(refiner.type.getColumns()) / (kernel::kTileColumns / 2);
  for (int64_t i = 0; i < count; ++i) {
    Value tile = add(first, index(i));
    Value line = load(vector(i8(), kLine),
                      at(lines, mul(tile, index(kernel::kTileBytes))), 64);
    Value x = at(refiner.bytes, shiftLeft(tile, 7));
    for (int64_t half = 0; half < 2; ++half) {
      if (half == 1 && isLast && i == count - 1 && halves % 2)
        continue;
      Value words = load(vector(i32()), at(x, half * kLine), 64);
      sums[2 * i + half] = tiles.dotBytes(
          *this, zero, nibbles(*this, line, /*high=*/half == 1), words);
    }
  }
  for (size_t left = sums.size(); left > 1; left /= 2)
    for (size_t i = 0; i < left / 2; ++i)
      sums[i] = addNeighbours(*this, sums[2 * i], sums[2 * i + 1]);
  Value offset = shiftLeft(first, 4);
  Value starts = load(vector(i32()), at(refiner.starts, offset), 64);
  store(toFloat(add(sums[0], starts), f32()), at(refiner.dots, offset), 64);
}

Value KernelEmitter::refine(const Refiner &refiner, Value row, Value estimate) {
  Value lines = lowerLines(refiner.type, refiner.weight, row);
  int64_t tileCount = kernel::lowerTiles(refiner.type);
  int64_t whole = tileCount / kTilesAtOnce * kTilesAtOnce;
  // A tile that is half there must be in the part that is not whole.
  if (whole == tileCount &&
      kernel::padded(refiner.type.getColumns()) % kernel::kTileColumns)
    whole -= kTilesAtOnce;
  loop(index(0), index(whole), kTilesAtOnce, [&](Value tile) {
    dotTiles(refiner, lines, tile, kTilesAtOnce, false);
  });
  if (whole < tileCount)
    dotTiles(refiner, lines, index(whole), tileCount - whole, true);
  Value scales = rowScalesAt(refiner, row);
  int64_t groups = kernel::groupCount(refiner.type);
  Values total =
      loop(index(0), index(groups), 1, estimate,
           [&](Value group, ValueRange carried) -> Values {
             Value offset = shiftLeft(group, 2);
             Value scale =
                 extend(load(f16(), at(scales, shiftLeft(group, 1)), 2), f32());
             Value factor = load(f32(), at(refiner.factors, offset), 4);
             Value dot = load(f32(), at(refiner.dots, offset), 4);
             return {fma(dot, mul(scale, factor), carried[0])};
           });
  return total[0];
}
