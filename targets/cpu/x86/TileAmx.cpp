//===- TileAmx.cpp - Products on AMX tiles ----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A product of tiles is C[16][16] += A[16][64 bytes] * B[16][64 bytes]: A holds
// columns of 16 activation rows as they lie in memory, B those of 16 weight
// rows as panels have them. Values of type x86_amx are tiles by name; LLVM
// assigns registers, and shapes come with each operation.
#include "targets/cpu/x86/TileAmx.h"

#include "mlir/Dialect/LLVMIR/LLVMTypes.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;
using kernel::WeightFormat;

// Rows of a tile of activations or sums; weight rows of a tile of weights.
static constexpr int64_t kEdge = 16;
// Bytes of a tile all of whose rows are full.
static constexpr int64_t kTileBytes = 1024;

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

namespace {
/// Rows, and bytes of each.
struct Shape {
  int64_t rows, bytes;
};

/// Builds operations on tiles of one kind of product.
class Tiles {
public:
  /// `product` is LLVM's intrinsic, `depth` the bytes of a row of activations.
  Tiles(Emitter &emit, StringRef product, int64_t depth)
      : activations{kEdge, depth}, weights{depth / 4, 64}, sums{kEdge, 64},
        emit(emit), product(product) {}

  const Shape activations, weights, sums;

  Value zero(Shape shape) {
    return emit.intrinsic("llvm.x86.tilezero.internal", type(),
                          {count(shape.rows), count(shape.bytes)});
  }

  /// Rows from `address` on, `stride` bytes apart.
  Value load(Shape shape, Value address, int64_t stride) {
    return load("llvm.x86.tileloadd64.internal", shape, address, stride);
  }

  /// The same for what is not read again soon: it does not displace what is.
  Value loadOnce(Shape shape, Value address, int64_t stride) {
    return load("llvm.x86.tileloaddt164.internal", shape, address, stride);
  }

  void store(Shape shape, Value tile, Value address, int64_t stride) {
    emit.intrinsic("llvm.x86.tilestored64.internal",
                   {count(shape.rows), count(shape.bytes), address,
                    emit.index(stride), tile});
  }

  /// `total + left * right`, of activations and weights.
  Value multiply(Value total, Value left, Value right) {
    return emit.intrinsic(product, type(),
                          {count(sums.rows), count(sums.bytes),
                           count(activations.bytes), total, left, right});
  }

private:
  Type type() { return LLVM::LLVMX86AMXType::get(emit.builder.getContext()); }
  Value count(int64_t value) { return emit.constant(emit.i16(), value); }
  Value load(StringRef name, Shape shape, Value address, int64_t stride) {
    return emit.intrinsic(
        name, type(),
        {count(shape.rows), count(shape.bytes), address, emit.index(stride)});
  }

  Emitter &emit;
  StringRef product;
};
} // namespace

void TileAmx::emitSlice(Emitter &emit, kernel::WeightType weight,
                        kernel::RowsType input, Value rows, Value count,
                        Value panels, Value tile, Value wanted) const {
  if (weight.getFormat() == WeightFormat::F32)
    return TileAvx512::emitSlice(emit, weight, input, rows, count, panels, tile,
                                 wanted);
  int64_t stride = kernel::rowStride(input);
  Value full = emit.shiftRight(count, llvm::Log2_64(kEdge));
  // A single row must not pay for weights in tiles.
  emit.when(emit.lessEqual(emit.index(1), full), [&] {
    if (weight.getFormat() == WeightFormat::BF16)
      emitPairSlice(emit, weight, stride, rows, full, panels, tile);
    else
      emitByteSlice(emit, weight, stride, rows, full, panels, tile);
  });
  Value done = emit.shiftLeft(full, llvm::Log2_64(kEdge));
  TileAvx512::emitSlice(
      emit, weight, input, emit.at(rows, emit.mul(done, emit.index(stride))),
      emit.sub(count, done), panels,
      emit.at(tile, emit.mul(done, emit.index(kProductStride))), wanted);
}

//===----------------------------------------------------------------------===//
// bfloat16
//===----------------------------------------------------------------------===//

// Columns of a tile, and steps of that many columns between which sums go to
// scratch: as many as keep two panels' worth in 36 KiB of the first cache level
// while all rows pass.
static constexpr int64_t kStepColumns = 32, kStepsAtOnce = 18;

namespace {
/// All rows, two panels, and where their products go.
struct PairOperands {
  Value rows;
  int64_t stride;
  Value panels;
  int64_t panelBytes;
  Value products;
};

/// Steps of columns that tiles add up before they are stored.
struct Steps {
  Value first, last;
  /// Whether sums begin here; else they are added to what is stored.
  bool begin;
};
} // namespace

/// Fetches into the second cache level a part, chosen by `block`, of what the
/// next two panels have where this one has the tile at `weights`. All parts are
/// fetched when `tileRows()` rows pass.
static void prefetchPart(Emitter &emit, Value weights, int64_t panelBytes,
                         Value block) {
  Value part = emit.at(weights, emit.shiftLeft(block, 7));
  for (int64_t panel = 2; panel < 4; ++panel)
    for (int64_t line = 0; line < 4; ++line)
      emit.prefetch(emit.at(part, panel * panelBytes + 64 * line), 2);
}

/// Where block `block` of 16 rows begins.
static Value blockAt(Emitter &emit, Value base, Value block, int64_t stride) {
  return emit.at(base, emit.mul(block, emit.index(kEdge * stride)));
}

/// The next sums of `height` blocks of rows, which begin at `rows`, after one
/// step. Each tile is loaded right before its first use.
static Emitter::Values emitPairStep(Emitter &emit, Tiles &tiles,
                                    const PairOperands &operands,
                                    int64_t height, Value rows, Value weights,
                                    ValueRange sums) {
  Value right[2];
  Emitter::Values next;
  for (int64_t row = 0; row < height; ++row) {
    Value left = tiles.loadOnce(tiles.activations,
                                emit.at(rows, row * kEdge * operands.stride),
                                operands.stride);
    for (int64_t panel = 0; panel < 2; ++panel) {
      if (row == 0)
        right[panel] = tiles.load(
            tiles.weights, emit.at(weights, panel * operands.panelBytes), 64);
      next.push_back(tiles.multiply(sums[2 * row + panel], left, right[panel]));
    }
  }
  return next;
}

/// Products of `height` blocks of rows from `block` on, over `steps`.
static void emitPairBlocks(Emitter &emit, const PairOperands &operands,
                           Value block, int64_t height, Steps steps) {
  Tiles tiles(emit, "llvm.x86.tdpbf16ps.internal", 2 * kStepColumns);
  Value rows = blockAt(emit, operands.rows, block, operands.stride);
  Value products = blockAt(emit, operands.products, block, kProductStride);
  auto product = [&](int64_t i) {
    return emit.at(products, i / 2 * kEdge * kProductStride + i % 2 * 64);
  };
  Emitter::Values sums;
  for (int64_t i = 0; i < 2 * height; ++i)
    sums.push_back(steps.begin
                       ? tiles.zero(tiles.sums)
                       : tiles.load(tiles.sums, product(i), kProductStride));
  sums = emit.loop(
      steps.first, steps.last, 1, sums, [&](Value step, ValueRange sums) {
        Value weights = emit.at(operands.panels, emit.shiftLeft(step, 10));
        Value columns = emit.at(rows, emit.shiftLeft(step, 6));
        prefetchPart(emit, weights, operands.panelBytes, block);
        return emitPairStep(emit, tiles, operands, height, columns, weights,
                            sums);
      });
  for (auto [i, sum] : llvm::enumerate(sums))
    tiles.store(tiles.sums, sum, product(i), kProductStride);
}

void TileAmx::emitPairSlice(Emitter &emit, kernel::WeightType weight,
                            int64_t stride, Value rows, Value count,
                            Value panels, Value tile) const {
  int64_t panelBytes = kernel::panelBytes(weight);
  int64_t steps = kernel::padded(weight.getColumns()) / kStepColumns;
  Value end = emit.index(steps), zero = emit.index(0);
  emit.loop(zero, emit.index(kernel::kSlicePanels), 2, [&](Value panel) {
    PairOperands operands = {
        rows, stride, emit.at(panels, emit.mul(panel, emit.index(panelBytes))),
        panelBytes, emit.at(tile, emit.shiftLeft(panel, 6))};
    auto emitSteps = [&](Value first, bool begin) {
      Value last = emit.minimum(emit.add(first, emit.index(kStepsAtOnce)), end);
      emit.loopBlocked(count, 2, [&](Value block, int64_t height) {
        emitPairBlocks(emit, operands, block, height, {first, last, begin});
      });
    };
    emitSteps(zero, /*begin=*/true);
    if (steps > kStepsAtOnce)
      emit.loop(emit.index(kStepsAtOnce), end, kStepsAtOnce,
                [&](Value first) { emitSteps(first, /*begin=*/false); });
  });
}

/// Sums what tdpbf16ps sums, in its order: for each 16 pairs of columns the
/// products of even and of odd columns apart, from zero, then both to the
/// total. The other half of a pair is zero each time, which changes no sum.
Emitter::Values TileAmx::emitPairPanels(Emitter &emit,
                                        kernel::WeightType weight,
                                        ValueRange rows,
                                        ValueRange panels) const {
  Type pairs = emit.vector(emit.bf16(), 32), words = emit.vector(emit.i32());
  Value even = emit.constant(words, 0xffff), odd = emit.constant(words, -65536);
  auto addLine = [&](Value line, ValueRange sums) {
    Emitter::Values halves, next;
    for (Value panel : panels) {
      Value both =
          loadLine(emit, words, emit.at(panel, emit.shiftLeft(line, 6)));
      halves.push_back(emit.bitcast(emit.bitAnd(both, even), pairs));
      halves.push_back(emit.bitcast(emit.bitAnd(both, odd), pairs));
    }
    for (Value row : rows) {
      Value x = emit.load(emit.i32(), emit.at(row, emit.shiftLeft(line, 2)), 4);
      for (Value half : halves)
        next.push_back(dotPairs(emit, sums[next.size()], half, x));
    }
    return next;
  };
  Value zero = emit.constant(emit.vector(emit.f32()), 0);
  size_t count = rows.size() * panels.size();
  Value lines = emit.index(kernel::padded(weight.getColumns()) / 2);
  return emit.loop(emit.index(0), lines, kEdge, Emitter::Values(count, zero),
                   [&](Value first, ValueRange totals) {
                     Emitter::Values halves =
                         emit.loop(first, emit.add(first, emit.index(kEdge)), 1,
                                   Emitter::Values(2 * count, zero), addLine);
                     Emitter::Values next;
                     for (auto [i, total] : llvm::enumerate(totals))
                       next.push_back(emit.add(
                           total, emit.add(halves[2 * i], halves[2 * i + 1])));
                     return next;
                   });
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

// A block of 64 columns has two groups, each with scales of its own.
static constexpr int64_t kGroups = 2;
// Tiles of weights, [8 quads of columns][16 rows][4 columns] signed bytes.
static constexpr int64_t kWeightTile = kernel::kGroup * kEdge;

int64_t TileAmx::workBytes(WeightFormat format) const {
  bool isInteger = format != WeightFormat::F32 && format != WeightFormat::BF16;
  return isInteger ? kGroups * (kWeightTile + kTileBytes) : 0;
}

/// Adds `sums` (int32 [16][16] of each group, one after the other) in float32
/// to `products`, by the scales of the weights and those of the rows, which lie
/// at `factors`.
static void addScaled(Emitter &emit, Value sums, ArrayRef<Value> scales,
                      Value factors, int64_t stride, Value products) {
  for (int64_t row = 0; row < kEdge; ++row) {
    Value place = emit.at(products, row * kProductStride);
    Value total = emit.load(emit.vector(emit.f32()), place, 64);
    for (int64_t group = 0; group < kGroups; ++group) {
      Value sum = emit.load(emit.vector(emit.i32()),
                            emit.at(sums, group * kTileBytes + row * 64), 64);
      Value factor =
          emit.load(emit.f32(), emit.at(factors, row * stride + 4 * group), 4);
      total = emit.fma(emit.toFloat(sum, emit.f32()),
                       emit.mul(scales[group], emit.broadcast(factor)), total);
    }
    emit.store(total, place, 64);
  }
}

/// Zeroes 16 columns of `16 * count` rows.
static void clear(Emitter &emit, Value count, Value products) {
  emit.loop(
      emit.index(0), emit.mul(count, emit.index(kEdge)), 1, [&](Value row) {
        emit.store(emit.constant(emit.vector(emit.f32()), 0),
                   emit.at(products, emit.mul(row, emit.index(kProductStride))),
                   64);
      });
}

void TileAmx::unpack(Emitter &emit, WeightFormat format, Value block,
                     int64_t group, Value place) const {
  double offset = format == WeightFormat::Int4 ? 8 : -128;
  eachQuad(emit, format, block, group, [&](int64_t i, ValueRange quads) {
    Value bytes = quads.front();
    emit.store(emit.sub(bytes, emit.constant(bytes.getType(), offset)),
               emit.at(place, 64 * i), 64);
  });
}

void TileAmx::emitByteSlice(Emitter &emit, kernel::WeightType weight,
                            int64_t stride, Value rows, Value count,
                            Value panels, Value tile) const {
  WeightFormat format = weight.getFormat();
  Tiles tiles(emit, "llvm.x86.tdpbssd.internal", kernel::kGroup);
  Value unpacked = emit.at(tile, tileRows() * kProductStride);
  Value sums = emit.at(unpacked, kGroups * kWeightTile);

  // Adds the products of block `k` of a panel and all rows.
  auto emitBlock = [&](Value panel, Value k, Value products) {
    Value block =
        emit.at(panel, emit.mul(k, emit.index(kernel::blockBytes(format))));
    Value scales[kGroups], right[kGroups];
    for (int64_t group = 0; group < kGroups; ++group) {
      Value place = emit.at(unpacked, group * kWeightTile);
      unpack(emit, format, block, group, place);
      right[group] = tiles.load(tiles.weights, place, 64);
      scales[group] = loadScales(emit, format, block, group);
    }
    emit.loop(emit.index(0), count, 1, [&](Value r) {
      Value first = blockAt(emit, rows, r, stride);
      Value columns = emit.at(first, emit.shiftLeft(k, 6));
      for (int64_t group = 0; group < kGroups; ++group) {
        Value left =
            tiles.load(tiles.activations,
                       emit.at(columns, group * kernel::kGroup), stride);
        Value sum = tiles.multiply(tiles.zero(tiles.sums), left, right[group]);
        tiles.store(tiles.sums, sum, emit.at(sums, group * kTileBytes), 64);
      }
      Value factors = emit.at(emit.at(first, emit.shiftLeft(k, 3)),
                              kernel::rowScales(weight.getColumns()));
      addScaled(emit, sums, scales, factors, stride,
                blockAt(emit, products, r, kProductStride));
    });
  };

  Value blocks = emit.index(kernel::padded(weight.getColumns()) / 64);
  emit.loop(emit.index(0), emit.index(kernel::kSlicePanels), 1, [&](Value p) {
    Value panel =
        emit.at(panels, emit.mul(p, emit.index(kernel::panelBytes(weight))));
    Value products = emit.at(tile, emit.shiftLeft(p, 6));
    clear(emit, count, products);
    emit.loop(emit.index(0), blocks, 1,
              [&](Value k) { emitBlock(panel, k, products); });
  });
}

//===----------------------------------------------------------------------===//
// What the machine can do
//===----------------------------------------------------------------------===//

void TileAmx::emitPeak(Emitter &emit, WeightFormat format, int64_t operations,
                       Value place) const {
  if (format == WeightFormat::F32)
    return TileAvx512::emitPeak(emit, format, operations, place);
  bool pairs = format == WeightFormat::BF16;
  Tiles tiles(
      emit, pairs ? "llvm.x86.tdpbf16ps.internal" : "llvm.x86.tdpbssd.internal",
      64);
  // Two by two sums, each of 16 x 16 products of 64 bytes.
  int64_t perStep = 4 * 2 * kEdge * kTileBytes / (pairs ? 2 : 1);
  Value zero = emit.constant(emit.vector(emit.i32()), 0);
  for (int64_t i = 0; i < kTileBytes; i += 64)
    emit.store(zero, emit.at(place, i), 64);
  Value left[2], right[2];
  for (int64_t i = 0; i < 2; ++i) {
    left[i] = tiles.load(tiles.activations, place, 64);
    right[i] = tiles.load(tiles.weights, place, 64);
  }
  Emitter::Values sums(4, tiles.zero(tiles.sums));
  sums = emit.loop(emit.index(0), emit.index(operations / perStep), 1, sums,
                   [&](Value, ValueRange sums) {
                     Emitter::Values next;
                     for (auto [i, sum] : llvm::enumerate(sums))
                       next.push_back(
                           tiles.multiply(sum, left[i / 2], right[i % 2]));
                     return next;
                   });
  for (auto [i, sum] : llvm::enumerate(sums))
    tiles.store(tiles.sums, sum, emit.at(place, kTileBytes * int64_t(i)), 64);
}
