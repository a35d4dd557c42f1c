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

Value cpu::loadLine(Emitter &emit, Type type, Value line) {
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

void cpu::eachQuad(Emitter &emit, WeightFormat format, Value block,
                   int64_t group,
                   llvm::function_ref<void(int64_t i, Value quad)> body) {
  Type bytes = emit.vector(emit.i8(), 64);
  if (format == WeightFormat::Int8) {
    for (int64_t i = 0; i < 8; ++i)
      body(i, loadLine(emit, bytes, emit.at(block, (8 * group + i) * 64)));
    return;
  }
  Value low = emit.constant(bytes, 15);
  for (int64_t i = 0; i < 4; ++i) {
    Value both = loadLine(emit, bytes, emit.at(block, (4 * group + i) * 64));
    body(2 * i, emit.bitAnd(both, low));
    Value halves = emit.bitcast(both, emit.vector(emit.i16(), 32));
    Value high = emit.bitcast(emit.shiftRight(halves, 4), bytes);
    body(2 * i + 1, emit.bitAnd(high, low));
  }
}

Value cpu::loadScales(Emitter &emit, WeightFormat format, Value block,
                      int64_t group) {
  Value scales = emit.at(block, kernel::blockBytes(format) - 64 + 32 * group);
  return emit.extend(emit.load(emit.vector(emit.f16()), scales, 32),
                     emit.f32());
}

Emitter::Values TileEmitter::dotGroup(Emitter &emit, WeightFormat format,
                                      Value block, int64_t group, ValueRange x,
                                      ValueRange totals) const {
  bool isInt8 = format == WeightFormat::Int8;
  // Four bits are not negative as signed bytes either.
  bool toSigned = isInt8 && wantsSignedWeights();
  Emitter::Values sums;
  for (Value total : totals) {
    // Weights are too large by an offset: begin at -offset * sum(x).
    Value start =
        toSigned
            ? emit.constant(emit.i32(), 0)
            : emit.mul(total, emit.constant(emit.i32(), isInt8 ? -128 : -8));
    sums.push_back(emit.broadcast(start));
  }
  // A vector of weights serves all rows before the next one is read, so that
  // registers hold one and the sums.
  eachQuad(emit, format, block, group, [&](int64_t i, Value quad) {
    if (toSigned)
      quad = emit.bitXor(quad, emit.constant(quad.getType(), -128));
    for (auto [row, sum] : llvm::zip_equal(x, sums))
      sum = dotBytes(emit, sum, quad,
                     emit.load(emit.i32(), emit.at(row, 4 * i), 4));
  });
  return sums;
}

Emitter::Values TileEmitter::emitBytePanel(Emitter &emit,
                                           kernel::WeightType weight,
                                           ValueRange rows, Value panel) const {
  WeightFormat format = weight.getFormat();
  int64_t width = weight.getColumns();
  Value blocks = emit.index(kernel::padded(width) / 64);
  return emit.loop(
      emit.index(0), blocks, 1, zeros(emit, rows.size()),
      [&](Value k, ValueRange sums) {
        Value block =
            emit.at(panel, emit.mul(k, emit.index(kernel::blockBytes(format))));
        Emitter::Values result(sums.begin(), sums.end());
        for (int64_t group = 0; group < 2; ++group) {
          Emitter::Values x, totals, factors;
          for (Value row : rows) {
            Value perGroup = emit.at(row, emit.shiftLeft(k, 3));
            x.push_back(
                emit.at(emit.at(row, emit.shiftLeft(k, 6)), 32 * group));
            totals.push_back(emit.load(
                emit.i32(),
                emit.at(perGroup, kernel::rowSums(width) + 4 * group), 4));
            factors.push_back(emit.load(
                emit.f32(),
                emit.at(perGroup, kernel::rowScales(width) + 4 * group), 4));
          }
          Emitter::Values dots =
              dotGroup(emit, format, block, group, x, totals);
          Value scales = loadScales(emit, format, block, group);
          for (auto [dot, factor, sum] : llvm::zip_equal(dots, factors, result))
            sum = emit.fma(emit.toFloat(dot, emit.f32()),
                           emit.mul(scales, emit.broadcast(factor)), sum);
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

/// The sum of 16 products, or of as many pairs or quads, with what is at `x`.
static Value emitPeakStep(Emitter &emit, const TileEmitter &tiles,
                          WeightFormat format, Value sum, Value weights,
                          Value x) {
  switch (format) {
  case WeightFormat::F32:
    return emit.fma(emit.broadcast(emit.load(emit.f32(), x, 4)), weights, sum);
  case WeightFormat::BF16:
    return tiles.dotPairs(emit, sum, weights, emit.load(emit.i32(), x, 4));
  case WeightFormat::Int8:
  case WeightFormat::Int4:
    return tiles.dotBytes(emit, sum, weights, emit.load(emit.i32(), x, 4));
  }
  llvm_unreachable("all formats are handled");
}

static bool isInteger(WeightFormat format) {
  return format == WeightFormat::Int8 || format == WeightFormat::Int4;
}

/// A line of weights, and the type of its sums.
static std::pair<Type, Type> peakTypes(Emitter &emit, WeightFormat format) {
  if (isInteger(format))
    return {emit.vector(emit.i8(), 64), emit.vector(emit.i32())};
  bool pairs = format == WeightFormat::BF16;
  Type sums = emit.vector(emit.f32());
  return {pairs ? emit.vector(emit.bf16(), 32) : sums, sums};
}

/// Fills `lines` lines with ones in `format`.
static void storeOnes(Emitter &emit, WeightFormat format, int64_t lines,
                      Value place) {
  Type type = peakTypes(emit, format).first;
  for (int64_t i = 0; i < lines; ++i)
    emit.store(emit.constant(type, 1), emit.at(place, 64 * i), 64);
}

void TileEmitter::emitPeak(Emitter &emit, WeightFormat format,
                           int64_t operations, Value place) const {
  int64_t count = peakSums(format);
  auto [lineType, sumType] = peakTypes(emit, format);
  int64_t perSum = 2 * cast<VectorType>(lineType).getNumElements();
  storeOnes(emit, format, count + 1, place);
  Value weights = emit.load(lineType, place, 64);
  Emitter::Values sums =
      emit.loop(emit.index(0), emit.index(operations / (count * perSum)), 1,
                Emitter::Values(count, emit.constant(sumType, 0)),
                [&, lineType = lineType](Value i, ValueRange sums) {
                  // Which word of its line a sum takes is not known to the
                  // compiler.
                  Value word =
                      emit.shiftLeft(emit.bitAnd(i, emit.index(15)), 2);
                  Emitter::Values next;
                  for (auto [j, sum] : llvm::enumerate(sums))
                    next.push_back(emitPeakStep(
                        emit, *this, format, sum, weights,
                        emit.at(emit.at(place, 64 * (1 + int64_t(j))), word)));
                  return next;
                });
  for (auto [i, sum] : llvm::enumerate(sums))
    emit.store(sum, emit.at(place, 64 * int64_t(i)), 64);
}
