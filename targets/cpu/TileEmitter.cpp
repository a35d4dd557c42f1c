//===- TileEmitter.cpp - The plain inner product ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/TileEmitter.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;
using kernel::WeightFormat;

// Distances, in bytes ahead of the line that is about to be read, at which a
// stream of weights is fetched into the first and into the second cache level.
// One hint before each line: bunched hints lose a fifth of the bandwidth.
static constexpr int64_t kNear = 1024, kFar = 4096;

static Value loadLine(Emitter &emit, Type type, Value line) {
  emit.prefetch(emit.at(line, kNear), 1);
  emit.prefetch(emit.at(line, kFar), 2);
  return emit.load(type, line, 64);
}

Value TileEmitter::dotBytes(Emitter &emit, Value acc, Value weights,
                            Value x) const {
  auto byteOf = [&](Value words, int64_t i) {
    return emit.shiftRightSigned(emit.shiftLeft(words, 24 - 8 * i), 24);
  };
  Value words = emit.bitcast(weights, emit.vector(emit.i32()));
  for (int64_t i = 0; i < 4; ++i) {
    Value factor = emit.broadcast(byteOf(x, i));
    acc = emit.add(acc, emit.mul(byteOf(words, i), factor));
  }
  return acc;
}

Value TileEmitter::dotPairs(Emitter &emit, Value acc, Value weights,
                            Value x) const {
  // A bfloat16 is the upper half of a float32.
  Type f32x16 = emit.vector(emit.f32());
  auto even = [&](Value words) { return emit.shiftLeft(words, 16); };
  auto odd = [&](Value words) {
    return emit.bitAnd(words, emit.constant(words.getType(), -65536));
  };
  Value words = emit.bitcast(weights, emit.vector(emit.i32()));
  auto step = [&](Value w, Value factor, Value sum) {
    Value scalar = emit.bitcast(factor, emit.f32());
    return emit.fma(emit.bitcast(w, f32x16), emit.broadcast(scalar), sum);
  };
  return step(odd(words), odd(x), step(even(words), even(x), acc));
}

Emitter::Values TileEmitter::emitPanel(Emitter &emit, kernel::WeightType weight,
                                       ValueRange rows, Value panel) const {
  switch (weight.getFormat()) {
  case WeightFormat::F32:
    return emitFloatPanel(emit, weight, rows, panel);
  case WeightFormat::BF16:
    return emitPairPanel(emit, weight, rows, panel);
  case WeightFormat::Int8:
  case WeightFormat::Int4:
    return emitBytePanel(emit, weight, rows, panel);
  }
  llvm_unreachable("all formats are handled");
}

/// One zero vector for each row.
static Emitter::Values zeros(Emitter &emit, size_t count) {
  Value zero = emit.constant(emit.vector(emit.f32()), 0.0);
  return Emitter::Values(count, zero);
}

Emitter::Values TileEmitter::emitFloatPanel(Emitter &emit,
                                            kernel::WeightType weight,
                                            ValueRange rows,
                                            Value panel) const {
  Value columns = emit.index(kernel::padded(weight.getColumns()));
  return emit.loop(emit.index(0), columns, 1, zeros(emit, rows.size()),
                   [&](Value k, ValueRange sums) {
                     Value line = emit.at(panel, emit.shiftLeft(k, 6));
                     Value w = loadLine(emit, emit.vector(emit.f32()), line);
                     Emitter::Values next;
                     for (auto [row, sum] : llvm::zip_equal(rows, sums)) {
                       Value x = emit.load(
                           emit.f32(), emit.at(row, emit.shiftLeft(k, 2)), 4);
                       next.push_back(emit.fma(emit.broadcast(x), w, sum));
                     }
                     return next;
                   });
}

Emitter::Values TileEmitter::emitPairPanel(Emitter &emit,
                                           kernel::WeightType weight,
                                           ValueRange rows, Value panel) const {
  Value pairs = emit.index(kernel::padded(weight.getColumns()) / 2);
  return emit.loop(emit.index(0), pairs, 1, zeros(emit, rows.size()),
                   [&](Value k, ValueRange sums) {
                     Value line = emit.at(panel, emit.shiftLeft(k, 6));
                     Value w =
                         loadLine(emit, emit.vector(emit.bf16(), 32), line);
                     Emitter::Values next;
                     for (auto [row, sum] : llvm::zip_equal(rows, sums)) {
                       Value x = emit.load(
                           emit.i32(), emit.at(row, emit.shiftLeft(k, 2)), 4);
                       next.push_back(dotPairs(emit, sum, w, x));
                     }
                     return next;
                   });
}

/// The bytes of a group of 32 columns: eight vectors of 16 rows x 4 columns,
/// in order of columns, as the packed layout has them (unsigned).
static Emitter::Values loadGroup(Emitter &emit, WeightFormat format,
                                 Value block, int64_t group) {
  Type bytes = emit.vector(emit.i8(), 64);
  Emitter::Values quads;
  if (format == WeightFormat::Int8) {
    for (int64_t quad = 0; quad < 8; ++quad)
      quads.push_back(
          loadLine(emit, bytes, emit.at(block, (8 * group + quad) * 64)));
    return quads;
  }
  Value low = emit.constant(bytes, 15);
  for (int64_t j = 0; j < 4; ++j) {
    Value both = loadLine(emit, bytes, emit.at(block, (4 * group + j) * 64));
    quads.push_back(emit.bitAnd(both, low));
    Value halves = emit.bitcast(both, emit.vector(emit.i16(), 32));
    quads.push_back(
        emit.bitAnd(emit.bitcast(emit.shiftRight(halves, 4), bytes), low));
  }
  return quads;
}

Emitter::Values TileEmitter::emitBytePanel(Emitter &emit,
                                           kernel::WeightType weight,
                                           ValueRange rows, Value panel) const {
  WeightFormat format = weight.getFormat();
  int64_t width = weight.getColumns(),
          offset = format == WeightFormat::Int8 ? 128 : 8;
  int64_t scalesAt = kernel::blockBytes(format) - 64;
  Type bytes = emit.vector(emit.i8(), 64);
  Value blocks = emit.index(kernel::padded(width) / 64);
  return emit.loop(
      emit.index(0), blocks, 1, zeros(emit, rows.size()),
      [&](Value k, ValueRange sums) {
        Value block =
            emit.at(panel, emit.mul(k, emit.index(kernel::blockBytes(format))));
        Emitter::Values result(sums.begin(), sums.end());
        for (int64_t group = 0; group < 2; ++group) {
          Emitter::Values quads = loadGroup(emit, format, block, group);
          if (wantsSignedWeights())
            for (Value &quad : quads)
              quad = emit.sub(
                  quad, emit.constant(bytes, offset == 128 ? -128 : offset));
          Value scales =
              emit.extend(emit.load(emit.vector(emit.f16()),
                                    emit.at(block, scalesAt + 32 * group), 32),
                          emit.f32());
          for (auto [row, sum] : llvm::zip_equal(rows, result)) {
            Value x = emit.at(emit.at(row, emit.shiftLeft(k, 6)), 32 * group);
            Value perGroup = emit.at(row, emit.shiftLeft(k, 3));
            Value acc = emit.constant(emit.vector(emit.i32()), 0);
            if (!wantsSignedWeights()) {
              // Weights are too large by `offset`: begin at -offset * sum(x).
              Value total = emit.load(
                  emit.i32(),
                  emit.at(perGroup, kernel::rowSums(width) + 4 * group), 4);
              acc = emit.broadcast(
                  emit.mul(total, emit.constant(emit.i32(), -offset)));
            }
            for (auto [i, quad] : llvm::enumerate(quads))
              acc = dotBytes(emit, acc, quad,
                             emit.load(emit.i32(), emit.at(x, 4 * i), 4));
            Value scale = emit.load(
                emit.f32(),
                emit.at(perGroup, kernel::rowScales(width) + 4 * group), 4);
            sum = emit.fma(emit.toFloat(acc, emit.f32()),
                           emit.mul(scales, emit.broadcast(scale)), sum);
          }
        }
        return result;
      });
}

void TileEmitter::emitSlice(Emitter &emit, kernel::WeightType weight,
                            kernel::RowsType input, Value rows, Value count,
                            Value panels, Value tile) const {
  int64_t stride = kernel::rowStride(input);
  emit.loop(emit.index(0), emit.index(kernel::kSlicePanels), 1, [&](Value p) {
    Value panel =
        emit.at(panels, emit.mul(p, emit.index(kernel::panelBytes(weight))));
    Value column = emit.at(tile, emit.shiftLeft(p, 6));
    emit.loopBlocked(
        count, rowsAtOnce(weight.getFormat()), [&](Value r, int64_t n) {
          Value first = emit.at(rows, emit.mul(r, emit.index(stride)));
          Emitter::Values addresses;
          for (int64_t i = 0; i < n; ++i)
            addresses.push_back(emit.at(first, i * stride));
          Emitter::Values sums = emitPanel(emit, weight, addresses, panel);
          Value out = emit.at(column, emit.shiftLeft(r, 8));
          for (auto [i, sum] : llvm::enumerate(sums))
            emit.store(sum, emit.at(out, i * 4 * kernel::kSliceRows), 64);
        });
  });
}
