//===- TileEmitter.cpp - The plain inner product ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/TileEmitter.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;
using kernel::WeightFormat;

Value TileEmitter::loadLine(Emitter &emit, Type type, Value line) const {
  // One hint before each line: bunched hints lose a fifth of the bandwidth.
  auto [near, far] = hints();
  if (near)
    emit.prefetch(emit.at(line, near), 1);
  emit.prefetch(emit.at(line, far), 2);
  return emit.load(type, line, 64);
}

Value TileEmitter::dotBytes(Emitter &emit, Value acc, Value weights,
                            Value x) const {
  auto byteOf = [&](Value words, int64_t i) {
    return emit.shiftRightSigned(emit.shiftLeft(words, 24 - 8 * i), 24);
  };
  Value words = emit.bitcast(weights, emit.vector(emit.i32()));
  for (int64_t i = 0; i < 4; ++i) {
    Value factor = emit.spread(byteOf(x, i));
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

Emitter::Values TileEmitter::emitPanels(Emitter &emit,
                                        kernel::WeightType weight,
                                        ValueRange rows,
                                        ValueRange panels) const {
  switch (weight.getFormat()) {
  case WeightFormat::F32:
    return emitFloatPanels(emit, weight, rows, panels);
  case WeightFormat::BF16:
    return emitPairPanels(emit, weight, rows, panels);
  case WeightFormat::Int8:
  case WeightFormat::Int4:
  case WeightFormat::Planes:
    return emitBytePanels(emit, weight, rows, panels);
  }
  llvm_unreachable("all formats are handled");
}

/// A zero vector for each row and panel.
static Emitter::Values zeros(Emitter &emit, ValueRange rows,
                             ValueRange panels) {
  Value zero = emit.constant(emit.vector(emit.f32()), 0.0);
  return Emitter::Values(rows.size() * panels.size(), zero);
}

Emitter::Values TileEmitter::emitFloatPanels(Emitter &emit,
                                             kernel::WeightType weight,
                                             ValueRange rows,
                                             ValueRange panels) const {
  Value columns = emit.index(kernel::padded(weight.getColumns()));
  return emit.loop(
      emit.index(0), columns, 1, zeros(emit, rows, panels),
      [&](Value k, ValueRange sums) {
        Emitter::Values w, next;
        for (Value panel : panels)
          w.push_back(loadLine(emit, emit.vector(emit.f32()),
                               emit.at(panel, emit.shiftLeft(k, 6))));
        for (Value row : rows) {
          Value x =
              emit.load(emit.f32(), emit.at(row, emit.shiftLeft(k, 2)), 4);
          for (Value line : w)
            next.push_back(
                emit.fma(emit.broadcast(x), line, sums[next.size()]));
        }
        return next;
      });
}

Emitter::Values TileEmitter::emitPairPanels(Emitter &emit,
                                            kernel::WeightType weight,
                                            ValueRange rows,
                                            ValueRange panels) const {
  Value pairs = emit.index(kernel::padded(weight.getColumns()) / 2);
  return emit.loop(
      emit.index(0), pairs, 1, zeros(emit, rows, panels),
      [&](Value k, ValueRange sums) {
        Emitter::Values w, next;
        for (Value panel : panels)
          w.push_back(loadLine(emit, emit.vector(emit.bf16(), 32),
                               emit.at(panel, emit.shiftLeft(k, 6))));
        for (Value row : rows) {
          Value x =
              emit.load(emit.i32(), emit.at(row, emit.shiftLeft(k, 2)), 4);
          for (Value line : w)
            next.push_back(dotPairs(emit, sums[next.size()], line, x));
        }
        return next;
      });
}

Value cpu::nibbles(Emitter &emit, Value line, bool high) {
  Type bytes = emit.vector(emit.i8(), 64);
  if (high)
    line = emit.shiftRight(emit.bitcast(line, emit.vector(emit.i16(), 32)), 4);
  return emit.bitAnd(emit.bitcast(line, bytes), emit.constant(bytes, 15));
}

/// The same nibbles as upper halves of bytes whose lower ones are 8.
static Value upperHalves(Emitter &emit, Value line, bool high) {
  if (!high) {
    Value halves = emit.bitcast(line, emit.vector(emit.i16(), 32));
    line = emit.bitcast(emit.shiftLeft(halves, 4), line.getType());
  }
  Value upper = emit.bitAnd(line, emit.constant(line.getType(), -16));
  return emit.bitOr(upper, emit.constant(line.getType(), 8));
}

void TileEmitter::eachQuad(
    Emitter &emit, WeightFormat format, ValueRange blocks, int64_t group,
    llvm::function_ref<void(int64_t i, ValueRange quads)> body) const {
  Type bytes = emit.vector(emit.i8(), 64);
  auto loadLines = [&](int64_t line) {
    Emitter::Values lines;
    for (Value block : blocks)
      lines.push_back(loadLine(emit, bytes, emit.at(block, 64 * line)));
    return lines;
  };
  if (format == WeightFormat::Int8) {
    for (int64_t i = 0; i < 8; ++i)
      body(i, loadLines(8 * group + i));
    return;
  }
  auto quadOf = format == WeightFormat::Planes ? upperHalves : nibbles;
  for (int64_t i = 0; i < 4; ++i) {
    Emitter::Values lines = loadLines(4 * group + i);
    for (bool high : {false, true}) {
      Emitter::Values quads;
      for (Value line : lines)
        quads.push_back(quadOf(emit, line, high));
      body(2 * i + high, quads);
    }
  }
}

Value cpu::loadScales(Emitter &emit, WeightFormat format, Value block,
                      int64_t group) {
  Value scales = emit.at(block, kernel::blockBytes(format) - 64 + 32 * group);
  return emit.extend(emit.load(emit.vector(emit.f16()), scales, 32),
                     emit.f32());
}

Emitter::Values TileEmitter::dotGroup(Emitter &emit, WeightFormat format,
                                      ValueRange blocks, int64_t group,
                                      ValueRange x, ValueRange totals) const {
  bool isInt8 = format != WeightFormat::Int4;
  // Four bits are not negative as signed bytes either.
  bool toSigned = isInt8 && wantsSignedWeights();
  Emitter::Values sums;
  for (Value total : totals) {
    // Weights are too large by an offset: begin at -offset * sum(x).
    Value start =
        toSigned
            ? emit.constant(emit.i32(), 0)
            : emit.mul(total, emit.constant(emit.i32(), isInt8 ? -128 : -8));
    sums.append(blocks.size(), emit.broadcast(start));
  }
  // A vector of weights of each panel serves all rows before the next ones are
  // read, so that registers hold these and the sums.
  eachQuad(emit, format, blocks, group, [&](int64_t i, ValueRange quads) {
    Emitter::Values w;
    for (Value quad : quads)
      w.push_back(toSigned
                      ? emit.bitXor(quad, emit.constant(quad.getType(), -128))
                      : quad);
    for (auto [r, row] : llvm::enumerate(x)) {
      Value word = emit.load(emit.i32(), emit.at(row, 4 * i), 4);
      for (size_t p = 0; p < w.size(); ++p) {
        Value &sum = sums[r * w.size() + p];
        sum = dotBytes(emit, sum, w[p], word);
      }
    }
  });
  return sums;
}

Emitter::Values TileEmitter::emitBytePanels(Emitter &emit,
                                            kernel::WeightType weight,
                                            ValueRange rows,
                                            ValueRange panels) const {
  WeightFormat format = weight.getFormat();
  int64_t width = weight.getColumns();
  Value steps = emit.index(kernel::padded(width) / 64);
  return emit.loop(
      emit.index(0), steps, 1, zeros(emit, rows, panels),
      [&](Value k, ValueRange sums) {
        Emitter::Values blocks;
        for (Value panel : panels)
          blocks.push_back(emit.at(
              panel, emit.mul(k, emit.index(kernel::blockBytes(format)))));
        Emitter::Values result(sums.begin(), sums.end());
        for (int64_t group = 0; group < 2; ++group) {
          Emitter::Values x, totals, factors, scales;
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
              dotGroup(emit, format, blocks, group, x, totals);
          for (Value block : blocks)
            scales.push_back(loadScales(emit, format, block, group));
          for (auto [i, dot] : llvm::enumerate(dots)) {
            Value factor = emit.broadcast(factors[i / panels.size()]);
            result[i] = emit.fma(emit.toFloat(dot, emit.f32()),
                                 emit.mul(scales[i % panels.size()], factor),
                                 result[i]);
          }
        }
        return result;
      });
}

void TileEmitter::emitPass(Emitter &emit, kernel::WeightType weight,
                           int64_t stride, Value rows, int64_t count,
                           Value panels, int64_t panelCount, Value tile) const {
  Emitter::Values x, w;
  for (int64_t i = 0; i < count; ++i)
    x.push_back(emit.at(rows, i * stride));
  for (int64_t i = 0; i < panelCount; ++i)
    w.push_back(emit.at(panels, i * kernel::panelBytes(weight)));
  for (auto [i, sum] : llvm::enumerate(emitPanels(emit, weight, x, w))) {
    int64_t row = i / panelCount, panel = i % panelCount;
    emit.store(sum, emit.at(tile, row * kProductStride + panel * 64), 64);
  }
}

/// Whether `wanted` has a bit of one of `count` panels from `first` on.
static Value hasPanels(Emitter &emit, Value wanted, Value first,
                       int64_t count) {
  Value bits =
      emit.shiftRight(wanted, emit.mul(first, emit.index(kernel::kPanelRows)));
  Value all = emit.index((int64_t(1) << count * kernel::kPanelRows) - 1);
  return emit.less(emit.index(0), emit.bitAnd(bits, all));
}

void TileEmitter::emitSlice(Emitter &emit, kernel::WeightType weight,
                            kernel::RowsType input, Value rows, Value count,
                            Value panels, Value tile, Value wanted) const {
  int64_t stride = kernel::rowStride(input);
  auto eachPass = [&](Pass most) {
    emit.loop(
        emit.index(0), emit.index(kernel::kSlicePanels), most.panels,
        [&](Value p) {
          Value w = emit.at(
              panels, emit.mul(p, emit.index(kernel::panelBytes(weight))));
          Value column = emit.at(tile, emit.shiftLeft(p, 6));
          auto emitRows = [&](Value r, int64_t n) {
            emitPass(emit, weight, stride,
                     emit.at(rows, emit.mul(r, emit.index(stride))), n, w,
                     most.panels,
                     emit.at(column, emit.mul(r, emit.index(kProductStride))));
          };
          auto emitAll = [&] {
            if (most.panels == 1)
              emit.loopCovering(count, most.rows, emitRows);
            else
              emit.loop(emit.index(0), count, most.rows,
                        [&](Value r) { emitRows(r, most.rows); });
          };
          if (wanted)
            emit.when(hasPanels(emit, wanted, p, most.panels), emitAll);
          else
            emitAll();
        });
  };
  Pass few{rowsAtOnce(weight.getFormat()), 1},
      many = passOfMany(weight.getFormat());
  if (many.panels == 1)
    return eachPass(few);
  emit.when(emit.lessEqual(count, emit.index(few.rows)),
            [&] { eachPass(few); });
  emit.when(emit.lessEqual(emit.index(few.rows + 1), count),
            [&] { eachPass(many); });
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
  case WeightFormat::Planes:
    return tiles.dotBytes(emit, sum, weights, emit.load(emit.i32(), x, 4));
  }
  llvm_unreachable("all formats are handled");
}

static bool isInteger(WeightFormat format) {
  return format != WeightFormat::F32 && format != WeightFormat::BF16;
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
