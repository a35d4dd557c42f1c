//===- RowKernels.cpp - Operations on one row -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A row is a place in memory or, as long as one operation reads it, a recipe
// for sixteen columns of it, so that a chain of operations is one loop.
#include "targets/cpu/KernelEmitter.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;
using kernel::RowFormat;
using kernel::WeightFormat;

static int64_t widthOf(Value row) {
  return cast<kernel::RowType>(row.getType()).getWidth();
}

void KernelEmitter::eachVector(int64_t width,
                               llvm::function_ref<void(Value)> body) {
  loop(index(0), index(4 * kernel::padded(width)), 4 * kLanes, body);
}

//===----------------------------------------------------------------------===//
// Rows as values
//===----------------------------------------------------------------------===//

void KernelEmitter::defineRow(Value row, Value place) {
  rows[row] = {place, [this, place](Value offset) {
                 return load(vector(f32()), at(place, offset), 4);
               }};
}

void KernelEmitter::defineRow(Value row, std::function<Value(Value)> vectorAt) {
  rows[row] = {Value(), std::move(vectorAt)};
  // What several read is computed once.
  if (!row.hasOneUse())
    rowPlace(row);
}

Value KernelEmitter::rowPlace(Value row) {
  Value place = rows.at(row).place;
  if (place)
    return place;
  place = reserve(4 * kernel::padded(widthOf(row)));
  eachVector(widthOf(row), [&](Value offset) {
    store(vectorOf(row, offset), at(place, offset), 64);
  });
  defineRow(row, place);
  return place;
}

Value KernelEmitter::vectorOf(Value row, Value offset) {
  // A copy: what it calls may add rows.
  auto vectorAt = rows.at(row).vectorAt;
  return vectorAt(offset);
}

Value KernelEmitter::onlyWithin(Value x, int64_t width, Value offset) {
  if (width == kernel::padded(width))
    return x;
  Value last = sub(index(width - 1), shiftRight(offset, 2));
  Value inside = lessEqual(iota(i32()), broadcast(narrow(last, i32())));
  return select(inside, x, constant(vector(f32()), 0.0));
}

void KernelEmitter::clearBehind(Value place, int64_t width) {
  loop(
      index(4 * width), index(4 * kernel::padded(width)), 4,
      [&](Value offset) { store(constant(f32(), 0.0), at(place, offset), 4); });
}

Value KernelEmitter::reduce(
    Value row, llvm::function_ref<Value(Value x, Value sum)> accumulate) {
  Values sums = loop(index(0), index(4 * kernel::padded(widthOf(row))),
                     4 * kLanes, constant(vector(f32()), 0.0),
                     [&](Value offset, ValueRange carried) -> Values {
                       return {accumulate(vectorOf(row, offset), carried[0])};
                     });
  return sum(sums[0]);
}

Value KernelEmitter::sumOfSquares(Value row) {
  return reduce(row, [&](Value x, Value sum) { return fma(x, x, sum); });
}

//===----------------------------------------------------------------------===//
// From memory
//===----------------------------------------------------------------------===//

void KernelEmitter::emitLoad(kernel::LoadOp op, Value unit) {
  assert(op.getRows().getType().getFormat() == RowFormat::F32 &&
         "only float rows are loaded");
  Value row = unit;
  if (Value list = op.getList())
    row = signExtend(load(i32(), at(address(list), shiftLeft(unit, 2)), 4),
                     i64());
  Value stride = index(kernel::rowStride(op.getRows().getType()));
  Value from = at(address(op.getRows()), mul(row, stride));
  if (op.getOffset())
    from = at(from, pointerToInteger(address(op.getOffset())));
  int64_t width = widthOf(op.getResult());
  // Behind whole rows, and columns that end with a row's padding, are zeros.
  if (!op.getOffset() || width == kernel::padded(width))
    return defineRow(op.getResult(), from);
  int64_t lanes = lanesFor(width);
  Value out = reserve(4 * kernel::padded(width));
  loop(index(0), index(4 * width), 4 * lanes, [&](Value offset) {
    store(load(vector(f32(), lanes), at(from, offset), 4), at(out, offset), 4);
  });
  clearBehind(out, width);
  defineRow(op.getResult(), out);
}

void KernelEmitter::emitMean(kernel::MeanOp op, Value unit) {
  auto entry = [&](Value list, Value i) {
    return signExtend(load(i32(), at(address(list), shiftLeft(i, 2)), 4),
                      i64());
  };
  Value row = entry(op.getWanted(), unit);
  Value count = entry(op.getEnds(), row);
  Value first = sub(row, entry(op.getPositions(), row));
  int64_t stride = kernel::rowStride(op.getRows().getType());
  Value start = at(address(op.getRows()), mul(first, index(stride)));
  Value share = broadcast(
      divide(constant(f32(), 1.0), toFloat(narrow(count, i32()), f32())));
  Value out = reserve(4 * kernel::padded(widthOf(op.getResult())));
  eachVector(widthOf(op.getResult()), [&](Value offset) {
    Values sums = loop(index(0), count, 1, constant(vector(f32()), 0.0),
                       [&](Value i, ValueRange carried) -> Values {
                         Value place =
                             at(at(start, mul(i, index(stride))), offset);
                         Value x = load(vector(f32()), place, 64);
                         return {add(carried[0], x)};
                       });
    store(mul(sums[0], share), at(out, offset), 64);
  });
  defineRow(op.getResult(), out);
}

/// The lower halves of sixteen bytes of a row whose lines begin at `lower`.
static Value loadLowerHalves(KernelEmitter &emit, Value lower, Value column) {
  Value inTile = emit.remainder(column, kernel::kTileColumns);
  Value tile = emit.mul(emit.quotient(column, kernel::kTileColumns),
                        emit.index(kernel::kTileBytes));
  Value both =
      emit.load(emit.vector(emit.i8()),
                emit.at(emit.at(lower, tile), emit.remainder(inTile, 64)), 16);
  Value mask = emit.constant(both.getType(), 15);
  return emit.select(emit.less(inTile, emit.index(64)), emit.bitAnd(both, mask),
                     emit.bitAnd(emit.shiftRight(both, 4), mask));
}

/// Sixteen consecutive columns of one row of a packed matrix; `lane` is the
/// row within its panel, `column` a multiple of 16. In planes its lines of the
/// other one begin at `lower`.
static Value loadColumns(KernelEmitter &emit, kernel::WeightType type,
                         Value panel, Value lane, Value column, Value lower) {
  WeightFormat format = type.getFormat();
  int64_t perBlock = kernel::blockColumns(format);
  Value block =
      emit.at(panel, emit.mul(emit.quotient(column, perBlock),
                              emit.index(kernel::blockBytes(format))));
  // Gathers `count` 32-bit words, `stride` bytes apart.
  auto gather = [&](Value from, int64_t count, int64_t stride) {
    Value result = emit.constant(emit.vector(emit.i32(), count), 0);
    for (int64_t i = 0; i < count; ++i)
      result = emit.insert(emit.load(emit.i32(), emit.at(from, i * stride), 4),
                           result, i);
    return result;
  };
  Value word = emit.at(block, emit.shiftLeft(lane, 2));
  if (format == WeightFormat::F32)
    return emit.bitcast(gather(word, 16, 64), emit.vector(emit.f32()));
  if (format == WeightFormat::BF16)
    return emit.extend(
        emit.bitcast(gather(word, 8, 64), emit.vector(emit.bf16())),
        emit.f32());

  Value inBlock = emit.remainder(column, 64);
  Value group = emit.quotient(inBlock, 32),
        inGroup = emit.remainder(inBlock, 32);
  Value scaleAt = emit.at(emit.at(block, emit.add(emit.shiftLeft(group, 5),
                                                  emit.shiftLeft(lane, 1))),
                          kernel::blockBytes(format) - 64);
  Value scale = emit.extend(emit.load(emit.f16(), scaleAt, 2), emit.f32());
  Value bytes;
  if (format == WeightFormat::Int8) {
    // Four quads of columns, one line each.
    Value first = emit.at(word, emit.shiftLeft(inBlock, 4));
    bytes = emit.bitcast(gather(first, 4, 64), emit.vector(emit.i8()));
    bytes = emit.sub(bytes, emit.constant(bytes.getType(), -128));
  } else {
    // Two lines; each word holds four columns in its low, four in its high
    // nibbles.
    Value first = emit.at(
        word, emit.add(emit.shiftLeft(group, 8), emit.shiftLeft(inGroup, 3)));
    Value pair = gather(first, 2, 64);
    Value mask = emit.constant(pair.getType(), 0x0f0f0f0f);
    Value low = emit.bitAnd(pair, mask);
    Value high = emit.bitAnd(emit.shiftRight(pair, 4), mask);
    bytes = emit.bitcast(emit.shuffle(low, high, {0, 2, 1, 3}),
                         emit.vector(emit.i8()));
    bytes = emit.sub(bytes, emit.constant(bytes.getType(), 8));
    if (lower)
      bytes = emit.add(emit.shiftLeft(bytes, 4),
                       loadLowerHalves(emit, lower, column));
  }
  Value numbers = emit.toFloat(emit.signExtend(bytes, emit.i32()), emit.f32());
  return emit.mul(numbers, emit.broadcast(scale));
}

Value cpu::loadTableColumns(KernelEmitter &emit, kernel::TableType type,
                            Value row, Value column) {
  WeightFormat format = type.getFormat();
  if (format == WeightFormat::F32)
    return emit.load(emit.vector(emit.f32()),
                     emit.at(row, emit.shiftLeft(column, 2)), 64);
  if (format == WeightFormat::BF16)
    return emit.extend(emit.load(emit.vector(emit.bf16()),
                                 emit.at(row, emit.shiftLeft(column, 1)), 32),
                       emit.f32());
  Value group = emit.quotient(column, kernel::kGroup);
  Value scaleAt = emit.at(emit.at(row, kernel::tableScales(type)),
                          emit.shiftLeft(group, 1));
  Value scale = emit.extend(emit.load(emit.f16(), scaleAt, 2), emit.f32());
  Value bytes;
  if (format == WeightFormat::Int8) {
    bytes = emit.load(emit.vector(emit.i8()), emit.at(row, column), 16);
  } else {
    // The first half of a group is in the low nibbles.
    Value pair = emit.load(emit.vector(emit.i8()),
                           emit.at(row, emit.shiftLeft(group, 4)), 16);
    Value mask = emit.constant(pair.getType(), 0x0f);
    Value low = emit.bitAnd(pair, mask);
    Value high = emit.bitAnd(emit.shiftRight(pair, 4), mask);
    Value isFirst =
        emit.lessEqual(emit.remainder(column, kernel::kGroup), emit.index(0));
    bytes = emit.sub(emit.select(isFirst, low, high),
                     emit.constant(pair.getType(), 8));
  }
  Value numbers = emit.toFloat(emit.signExtend(bytes, emit.i32()), emit.f32());
  return emit.mul(numbers, emit.broadcast(scale));
}

void KernelEmitter::emitEmbed(kernel::EmbedOp op, Value unit) {
  Value token = load(i32(), at(address(op.getTokens()), shiftLeft(unit, 2)), 4);
  Value table = address(op.getTable());
  auto packed = dyn_cast<kernel::WeightType>(op.getTable().getType());
  auto plain = dyn_cast<kernel::TableType>(op.getTable().getType());
  if (std::optional<uint64_t> fallback = op.getFallback()) {
    int64_t rows = packed ? packed.getRows() : plain.getRows();
    token = select(lessEqual(token, constant(i32(), rows - 1)), token,
                   constant(i32(), *fallback));
  }
  token = signExtend(token, i64());
  Value scale = constant(vector(f32()), op.getScale().convertToFloat());
  if (plain) {
    Value row = at(table, mul(token, index(kernel::tableStride(plain))));
    return defineRow(op.getResult(), [=, this](Value offset) {
      Value x = loadTableColumns(*this, plain, row, shiftRight(offset, 2));
      return mul(x, scale);
    });
  }
  Value panel = at(table, mul(quotient(token, kernel::kPanelRows),
                              index(kernel::panelBytes(packed))));
  Value lane = remainder(token, kernel::kPanelRows);
  Value lower;
  if (packed.getFormat() == WeightFormat::Planes)
    lower = lowerLines(packed, table, token);
  defineRow(op.getResult(), [=, this](Value offset) {
    Value x =
        loadColumns(*this, packed, panel, lane, shiftRight(offset, 2), lower);
    return mul(x, scale);
  });
}

void KernelEmitter::emitSubstitute(kernel::SubstituteOp op, Value unit) {
  Value token = load(i32(), at(address(op.getTokens()), shiftLeft(unit, 2)), 4);
  Value sought = constant(i32(), op.getToken());
  Value isFound = bitAnd(lessEqual(token, sought), lessEqual(sought, token));
  Value input = op.getInput(), vectorPlace = address(op.getVector());
  defineRow(op.getResult(), [=, this](Value offset) {
    Value other = load(vector(f32()), at(vectorPlace, offset), 64);
    return select(isFound, other, vectorOf(input, offset));
  });
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value KernelEmitter::inverseRoot(Value sumOfSquares, int64_t count,
                                 float epsilon) {
  Value mean = divide(sumOfSquares, constant(f32(), count));
  Value root = squareRoot(add(mean, constant(f32(), epsilon)));
  return divide(constant(f32(), 1.0), root);
}

void KernelEmitter::emitRmsNorm(kernel::RmsNormOp op) {
  Value input = op.getInput(), weight = address(op.getWeight());
  int64_t width = widthOf(input);
  int64_t stretch = op.getWeight().getType().getWidth();
  float epsilon = op.getEpsilon().convertToFloat();
  Value row = rowPlace(input);
  if (stretch == width) {
    Value inverse = broadcast(inverseRoot(sumOfSquares(input), width, epsilon));
    return defineRow(op.getResult(), [=, this](Value offset) {
      Value w = load(vector(f32()), at(weight, offset), 64);
      return mul(mul(vectorOf(input, offset), inverse), w);
    });
  }
  int64_t lanes = lanesFor(stretch);
  VectorType type = vector(f32(), lanes);
  Value out = reserve(4 * kernel::padded(width));
  loop(index(0), index(4 * width), 4 * stretch, [&](Value start) {
    Value from = at(row, start), to = at(out, start);
    Values squares =
        loop(index(0), index(4 * stretch), 4 * lanes, constant(type, 0.0),
             [&](Value offset, ValueRange sums) -> Values {
               Value x = load(type, at(from, offset), 4);
               return {fma(x, x, sums[0])};
             });
    Value inverse =
        broadcast(inverseRoot(sum(squares[0]), stretch, epsilon), lanes);
    loop(index(0), index(4 * stretch), 4 * lanes, [&](Value offset) {
      Value x = load(type, at(from, offset), 4);
      Value w = load(type, at(weight, offset), 4);
      store(mul(mul(x, inverse), w), at(to, offset), 4);
    });
  });
  clearBehind(out, width);
  defineRow(op.getResult(), out);
}

void KernelEmitter::emitScaleBy(kernel::ScaleByOp op) {
  Value input = op.getInput(), weight = address(op.getWeight());
  if (op.getWeight().getType().getWidth() == 1) {
    Value factor = broadcast(load(f32(), weight, 4));
    return defineRow(op.getResult(), [=, this](Value offset) {
      return mul(vectorOf(input, offset), factor);
    });
  }
  defineRow(op.getResult(), [=, this](Value offset) {
    return mul(vectorOf(input, offset),
               load(vector(f32()), at(weight, offset), 64));
  });
}

void KernelEmitter::emitBias(kernel::BiasOp op) {
  Value input = op.getInput(), weight = address(op.getWeight());
  defineRow(op.getResult(), [=, this](Value offset) {
    return add(vectorOf(input, offset),
               load(vector(f32()), at(weight, offset), 64));
  });
}

void KernelEmitter::emitGaussianTopK(kernel::GaussianTopKOp op) {
  Value input = op.getInput();
  int64_t width = widthOf(input);
  rowPlace(input);
  Value count = constant(f32(), width);
  Value mean = divide(
      reduce(input, [&](Value x, Value sum) { return add(sum, x); }), count);
  // Padding is no part of the deviations.
  Value center = broadcast(mean);
  Values squares = loop(index(0), index(4 * kernel::padded(width)), 4 * kLanes,
                        constant(vector(f32()), 0.0),
                        [&](Value offset, ValueRange sums) -> Values {
                          Value d =
                              onlyWithin(sub(vectorOf(input, offset), center),
                                         width, offset);
                          return {fma(d, d, sums[0])};
                        });
  Value deviation = squareRoot(divide(sum(squares[0]), count));
  Value factor = constant(f32(), op.getDeviations().convertToFloat());
  Value cut = broadcast(add(mean, mul(factor, deviation)));
  defineRow(op.getResult(), [=, this](Value offset) {
    Value above = maximum(sub(vectorOf(input, offset), cut),
                          constant(vector(f32()), 0.0));
    return onlyWithin(above, width, offset);
  });
}

void KernelEmitter::emitL2Norm(kernel::L2NormOp op) {
  Value input = op.getInput();
  rowPlace(input);
  Value length =
      maximum(squareRoot(sumOfSquares(input)), constant(f32(), 1e-12));
  Value divisor = broadcast(length);
  defineRow(op.getResult(), [=, this](Value offset) {
    return divide(vectorOf(input, offset), divisor);
  });
}

void KernelEmitter::emitMatchRms(kernel::MatchRmsOp op) {
  Value input = op.getInput();
  Value count = constant(f32(), widthOf(input));
  rowPlace(input);
  rowPlace(op.getTarget());
  Value wanted = squareRoot(divide(sumOfSquares(op.getTarget()), count));
  Value own = maximum(divide(sumOfSquares(input), count),
                      constant(f32(), op.getFloor().convertToFloat()));
  Value factor = broadcast(divide(wanted, squareRoot(own)));
  defineRow(op.getResult(), [=, this](Value offset) {
    return mul(vectorOf(input, offset), factor);
  });
}

void KernelEmitter::emitWeightedSum(kernel::WeightedSumOp op) {
  Value coefs = at(rowPlace(op.getCoefs()), 4 * op.getFrom());
  Values factors, parts(op.getRows());
  for (size_t i = 0; i < parts.size(); ++i)
    factors.push_back(broadcast(load(f32(), at(coefs, 4 * i), 4)));
  defineRow(op.getResult(), [=, this](Value offset) {
    Value total = mul(factors[0], vectorOf(parts[0], offset));
    for (size_t i = 1; i < parts.size(); ++i)
      total = fma(factors[i], vectorOf(parts[i], offset), total);
    return total;
  });
}

void KernelEmitter::emitMap(Operation *op) {
  Value result = op->getResult(0), x = op->getOperand(0);
  auto map = [&](auto formula) {
    defineRow(result, [=, this](Value offset) {
      return formula(vectorOf(x, offset), offset);
    });
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](kernel::AddOp op) {
        map([this, y = op.getRhs()](Value a, Value offset) {
          return add(a, vectorOf(y, offset));
        });
      })
      .Case([&](kernel::MulOp op) {
        map([this, y = op.getRhs()](Value a, Value offset) {
          return mul(a, vectorOf(y, offset));
        });
      })
      .Case([&](kernel::ScaleOp op) {
        map([this, factor = op.getFactor().convertToFloat()](Value a, Value) {
          return mul(a, constant(vector(f32()), factor));
        });
      })
      .Case([&](kernel::SoftcapOp op) {
        map([this, cap = op.getCap().convertToFloat()](Value a, Value) {
          return softcap(a, cap);
        });
      })
      .Case([&](kernel::GeluOp) {
        map([this](Value a, Value) { return gelu(a); });
      });
}

//===----------------------------------------------------------------------===//
// To memory
//===----------------------------------------------------------------------===//

std::pair<Value, Value> KernelEmitter::scaleToBytes(Value peak) {
  Value zero = constant(f32(), 0.0);
  Value scale = mul(peak, constant(f32(), 1.0 / 127));
  // Of what is smaller the inverse would be infinite.
  Value least = constant(f32(), 1e-36);
  Value inverse = select(lessEqual(peak, least), zero,
                         divide(constant(f32(), 127.0), peak));
  return {scale, inverse};
}

void KernelEmitter::storeGroup(Value low, Value high, Value row, Value group,
                               int64_t width) {
  Value peak = largest(maximum(absolute(low), absolute(high)));
  auto [scale, inverse] = scaleToBytes(peak);
  Value factor = broadcast(inverse);
  Value bytes = at(row, shiftLeft(group, 5));
  Value total;
  const Value parts[] = {low, high};
  for (auto [i, part] : llvm::enumerate(parts)) {
    Value integers = toInteger(roundEven(mul(part, factor)), i32());
    store(narrow(integers, i8()), at(bytes, 16 * i), 16);
    total = total ? add(total, integers) : integers;
  }
  Value perGroup = at(row, shiftLeft(group, 2));
  store(scale, at(perGroup, kernel::rowScales(width)), 4);
  store(sum(total), at(perGroup, kernel::rowSums(width)), 4);
}

void KernelEmitter::storeColumns(kernel::RowsType type, Value row, Value column,
                                 ValueRange vectors) {
  int64_t width = type.getWidth();
  switch (type.getFormat()) {
  case RowFormat::F32:
    for (auto [i, v] : llvm::enumerate(vectors))
      store(v, at(at(row, shiftLeft(column, 2)), 4 * kLanes * i), 64);
    return;
  case RowFormat::BF16:
    for (auto [i, v] : llvm::enumerate(vectors))
      store(truncate(v, bf16()),
            at(at(row, shiftLeft(column, 1)), 2 * kLanes * i), 32);
    return;
  case RowFormat::Q8:
    for (size_t i = 0; i + 1 < vectors.size(); i += 2)
      storeGroup(vectors[i], vectors[i + 1], row,
                 add(quotient(column, kernel::kGroup), index(i / 2)), width);
    return;
  case RowFormat::Dense:
    for (auto [i, v] : llvm::enumerate(vectors)) {
      Value first = add(column, index(kLanes * i));
      Value place = at(row, shiftLeft(first, 2));
      if (width % kernel::kSliceRows == 0) {
        store(v, place, 4);
        continue;
      }
      Value last = sub(index(width - 1), first);
      Value mask = lessEqual(iota(i32()), broadcast(narrow(last, i32())));
      storeMasked(v, mask, place, 4);
    }
    return;
  case RowFormat::Keys:
  case RowFormat::Bits:
    llvm_unreachable("products and rows are numbers");
  }
}

void KernelEmitter::emitStore(kernel::StoreOp op, Value unit) {
  kernel::RowsType type = op.getRows().getType();
  storeRow(
      op.getRow(), type,
      at(address(op.getRows()), mul(unit, index(kernel::rowStride(type)))));
}

void KernelEmitter::storeRow(Value row, kernel::RowsType type, Value out) {
  // Two vectors at once: a group.
  loop(index(0), index(kernel::padded(type.getWidth())), 2 * kLanes,
       [&](Value column) {
         Value offset = shiftLeft(column, 2);
         Value low = vectorOf(row, offset);
         Value high = vectorOf(row, add(offset, index(4 * kLanes)));
         storeColumns(type, out, column, {low, high});
       });
}

void KernelEmitter::emitRopeTable(kernel::RopeTableOp op, Value unit) {
  int64_t half = op.getFrequencies().getType().getWidth();
  int64_t lanes = lanesFor(half);
  Value position =
      load(i32(), at(address(op.getPositions()), shiftLeft(unit, 2)), 4);
  position = add(position, constant(i32(), op.getAhead()));
  Value factor = broadcast(toFloat(position, f32()), lanes);
  Value out = reserve(4 * kernel::padded(2 * half));
  clearBehind(out, 2 * half);
  loop(index(0), index(4 * half), 4 * lanes, [&](Value offset) {
    Value f =
        load(vector(f32(), lanes), at(address(op.getFrequencies()), offset), 4);
    auto [cosine, sine] = cosSin(mul(factor, f));
    store(cosine, at(out, offset), 4);
    store(sine, at(at(out, offset), 4 * half), 4);
  });
  defineRow(op.getResult(), out);
}
