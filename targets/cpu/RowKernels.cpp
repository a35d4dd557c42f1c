//===- RowKernels.cpp - Load, embed, norm, add, store of one row -*- C++
//-*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/KernelEmitter.h"

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

void KernelEmitter::emitLoad(kernel::LoadOp op, Value unit) {
  assert(op.getRows().getType().getFormat() == RowFormat::F32 &&
         "only float rows are loaded");
  Value row = unit;
  if (Value list = op.getList())
    row = signExtend(load(i32(), at(address(list), shiftLeft(unit, 2)), 4),
                     i64());
  Value stride = index(kernel::rowStride(op.getRows().getType()));
  values.map(op.getResult(), at(address(op.getRows()), mul(row, stride)));
}

/// Sixteen consecutive columns of one row of a packed matrix; `lane` is the
/// row within its panel, `column` a multiple of 16.
static Value loadColumns(KernelEmitter &emit, kernel::WeightType type,
                         Value panel, Value lane, Value column) {
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
  }
  Value numbers = emit.toFloat(emit.signExtend(bytes, emit.i32()), emit.f32());
  return emit.mul(numbers, emit.broadcast(scale));
}

void KernelEmitter::emitEmbed(kernel::EmbedOp op, Value unit) {
  kernel::WeightType type = op.getTable().getType();
  Value token = signExtend(
      load(i32(), at(address(op.getTokens()), shiftLeft(unit, 2)), 4), i64());
  Value panel =
      at(address(op.getTable()), mul(quotient(token, kernel::kPanelRows),
                                     index(kernel::panelBytes(type))));
  Value lane = remainder(token, kernel::kPanelRows);
  Value scale = constant(vector(f32()), op.getScale().convertToFloat());
  Value out = reserve(4 * kernel::padded(type.getColumns()));
  eachVector(type.getColumns(), [&](Value offset) {
    Value x = loadColumns(*this, type, panel, lane, shiftRight(offset, 2));
    store(mul(x, scale), at(out, offset), 64);
  });
  values.map(op.getResult(), out);
}

Value KernelEmitter::inverseNorm(Value row, int64_t width, int64_t summed,
                                 float epsilon) {
  int64_t lanes = lanesFor(summed);
  Values squares = loop(index(0), index(4 * summed), 4 * lanes,
                        constant(vector(f32(), lanes), 0.0),
                        [&](Value offset, ValueRange sums) -> Values {
                          Value x =
                              load(vector(f32(), lanes), at(row, offset), 4);
                          return {fma(x, x, sums[0])};
                        });
  Value mean = divide(sum(squares[0]), constant(f32(), width));
  Value root = squareRoot(add(mean, constant(f32(), epsilon)));
  return divide(constant(f32(), 1.0), root);
}

void KernelEmitter::emitRmsNorm(kernel::RmsNormOp op) {
  int64_t width = widthOf(op.getResult());
  Value row = address(op.getInput()), weight = address(op.getWeight());
  // Padding is zero: a sum over whole vectors is one over the row.
  Value inverse = broadcast(inverseNorm(row, width, kernel::padded(width),
                                        op.getEpsilon().convertToFloat()));
  Value out = reserve(4 * kernel::padded(width));
  eachVector(width, [&](Value offset) {
    Value x = load(vector(f32()), at(row, offset), 64);
    Value w = load(vector(f32()), at(weight, offset), 64);
    store(mul(mul(x, inverse), w), at(out, offset), 64);
  });
  values.map(op.getResult(), out);
}

void KernelEmitter::emitAdd(kernel::AddOp op) {
  int64_t width = widthOf(op.getResult());
  Value lhs = address(op.getLhs()), rhs = address(op.getRhs());
  Value out = reserve(4 * kernel::padded(width));
  eachVector(width, [&](Value offset) {
    Value a = load(vector(f32()), at(lhs, offset), 64);
    Value b = load(vector(f32()), at(rhs, offset), 64);
    store(add(a, b), at(out, offset), 64);
  });
  values.map(op.getResult(), out);
}

void KernelEmitter::storeGroup(Value low, Value high, Value row, Value group,
                               int64_t width) {
  Value peak = largest(maximum(absolute(low), absolute(high)));
  Value zero = constant(f32(), 0.0);
  Value scale = mul(peak, constant(f32(), 1.0 / 127));
  // Of what is smaller the inverse would be infinite.
  Value least = constant(f32(), 1e-36);
  Value inverse = select(lessEqual(peak, least), zero,
                         divide(constant(f32(), 127.0), peak));
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
  }
}

void KernelEmitter::emitStore(kernel::StoreOp op, Value unit) {
  kernel::RowsType type = op.getRows().getType();
  Value row = address(op.getRow());
  Value out =
      at(address(op.getRows()), mul(unit, index(kernel::rowStride(type))));
  // Two vectors at once: a group.
  loop(index(0), index(kernel::padded(type.getWidth())), 2 * kLanes,
       [&](Value column) {
         Value from = at(row, shiftLeft(column, 2));
         Value low = load(vector(f32()), from, 64);
         Value high = load(vector(f32()), at(from, 4 * kLanes), 64);
         storeColumns(type, out, column, {low, high});
       });
}

void KernelEmitter::emitRopeTable(kernel::RopeTableOp op, Value unit) {
  int64_t half = op.getFrequencies().getType().getWidth();
  int64_t lanes = lanesFor(half);
  Value position =
      load(i32(), at(address(op.getPositions()), shiftLeft(unit, 2)), 4);
  Value factor = broadcast(toFloat(position, f32()), lanes);
  int64_t bytes = 4 * kernel::padded(2 * half);
  Value out = reserve(bytes);
  loop(index(8 * half), index(bytes), 4, [&](Value padding) {
    store(constant(f32(), 0.0), at(out, padding), 4);
  });
  loop(index(0), index(4 * half), 4 * lanes, [&](Value offset) {
    Value f =
        load(vector(f32(), lanes), at(address(op.getFrequencies()), offset), 4);
    auto [cosine, sine] = cosSin(mul(factor, f));
    store(cosine, at(out, offset), 4);
    store(sine, at(at(out, offset), 4 * half), 4);
  });
  values.map(op.getResult(), out);
}
