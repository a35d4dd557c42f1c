//===- RopeAppend.cpp - Heads of a row: rotation, cache ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/KernelEmitter.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

static int64_t widthOf(Value row) {
  return cast<kernel::RowType>(row.getType()).getWidth();
}

void KernelEmitter::emitRope(kernel::RopeOp op) {
  int64_t width = widthOf(op.getInput()), dim = op.getHeadDim();
  int64_t half = widthOf(op.getTable()) / 2, lanes = lanesFor(half);
  int64_t rest = dim - 2 * half, restLanes = lanesFor(rest);
  VectorType type = vector(f32(), lanes);
  Value input = rowPlace(op.getInput()), table = rowPlace(op.getTable());
  Value out = reserve(4 * kernel::padded(width));
  loop(index(0), index(4 * width), 4 * dim, [&](Value start) {
    Value from = at(input, start), to = at(out, start);
    loop(index(0), index(4 * half), 4 * lanes, [&](Value offset) {
      Value x = load(type, at(from, offset), 4);
      Value y = load(type, at(at(from, offset), 4 * half), 4);
      Value c = load(type, at(table, offset), 4);
      Value s = load(type, at(at(table, offset), 4 * half), 4);
      store(sub(mul(x, c), mul(y, s)), at(to, offset), 4);
      store(add(mul(y, c), mul(x, s)), at(at(to, offset), 4 * half), 4);
    });
    loop(index(8 * half), index(4 * dim), 4 * restLanes, [&](Value offset) {
      store(load(vector(f32(), restLanes), at(from, offset), 4), at(to, offset),
            4);
    });
  });
  clearBehind(out, width);
  defineRow(op.getResult(), out);
}

/// Where a row's keys and values go.
struct KernelEmitter::Slot {
  int64_t heads, dim, tokens;
  kernel::KvFormat format;
  Value layer; ///< the layer's part of the page
  Value index; ///< of the position in the page
};

template <typename Append>
KernelEmitter::Slot KernelEmitter::findSlot(Append op, Value unit) {
  int64_t heads = op.getHeads(), tokens = op.getPageTokens();
  Value position = signExtend(
      load(i32(), at(address(op.getPositions()), shiftLeft(unit, 2)), 4),
      i64());
  Value pages = load(ptr(), at(address(op.getPages()), shiftLeft(unit, 3)), 8);
  Value page =
      load(ptr(), at(pages, shiftLeft(quotient(position, tokens), 3)), 8);
  return {heads,
          widthOf(op.getValue()) / heads,
          tokens,
          op.getKvFormat(),
          at(page, pointerToInteger(address(op.getOffset()))),
          remainder(position, tokens)};
}

Value KernelEmitter::roundToBytes(Value from, int64_t dim, Value to,
                                  Value scalePlace) {
  int64_t lanes = lanesFor(dim);
  auto floats = [&](Value d) {
    return load(vector(f32(), lanes), at(from, shiftLeft(d, 2)), 4);
  };
  Value zeros = constant(vector(f32(), lanes), 0.0);
  Value peak = largest(loop(index(0), index(dim), lanes, zeros,
                            [&](Value d, ValueRange peaks) -> Values {
                              return {maximum(peaks[0], absolute(floats(d)))};
                            })
                           .front());
  auto [scale, inverse] = scaleToBytes(peak);
  store(scale, scalePlace, 4);
  Value factor = broadcast(inverse, lanes);
  Value none = constant(vector(i32(), lanes), 0);
  Values sums = loop(index(0), index(dim), lanes, none,
                     [&](Value d, ValueRange sums) -> Values {
                       Value integers =
                           toInteger(roundEven(mul(floats(d), factor)), i32());
                       store(narrow(integers, i8()), at(to, d), lanes);
                       return {add(sums[0], integers)};
                     });
  return sum(sums.front());
}

/// Keys lie transposed, 16 positions side by side.
void KernelEmitter::appendKeys(const Slot &slot, Value keys) {
  auto [heads, dim, tokens, format, layer, position] = slot;
  Value block = quotient(position, kernel::kKeyBlock);
  Value column = remainder(position, kernel::kKeyBlock);
  bool isBytes = format == kernel::KvFormat::Int8;
  int64_t words = (dim + 3) / 4, bytes = kernel::kvBytes(format);
  // What lies together of a key, and all of that of a block.
  int64_t unit = isBytes ? 4 : bytes, units = isBytes ? words : dim;
  int64_t row = kernel::kKeyBlock * unit;
  Value rounded = isBytes ? reserve(4 * words) : Value();
  int64_t perHead = kernel::keyPageBytes(dim, tokens, format);
  loop(index(0), index(heads), 1, [&](Value head) {
    Value from = at(keys, mul(head, index(4 * dim)));
    Value start = at(layer, mul(head, index(perHead)));
    Value to =
        at(at(start, mul(block, index(units * row))), mul(column, index(unit)));
    if (isBytes) {
      for (int64_t d = dim; d < 4 * words; ++d)
        store(constant(i8(), 0), at(rounded, d), 1);
      Value scales = at(start, units * unit * tokens);
      roundToBytes(from, dim, rounded, at(scales, shiftLeft(position, 2)));
    }
    loop(index(0), index(units), 1, [&](Value d) {
      Value x = load(isBytes ? i32() : f32(),
                     at(isBytes ? rounded : from, shiftLeft(d, 2)), 4);
      x = isBytes
              ? bitXor(x, constant(i32(), int32_t(0x80808080)))
              : truncate(x, format == kernel::KvFormat::F32 ? f32() : bf16());
      store(x, at(to, mul(d, index(row))), unit);
    });
  });
}

/// `slot.layer` is where values begin.
void KernelEmitter::appendValues(const Slot &slot, Value values) {
  auto [heads, dim, tokens, format, layer, position] = slot;
  int64_t bytes = kernel::kvBytes(format), lanes = lanesFor(dim);
  int64_t perHead = kernel::valuePageBytes(dim, tokens, format);
  loop(index(0), index(heads), 1, [&](Value head) {
    Value from = at(values, mul(head, index(4 * dim)));
    Value start = at(layer, mul(head, index(perHead)));
    Value to = at(start, mul(position, index(dim * bytes)));
    if (format == kernel::KvFormat::Int8) {
      Value scales = at(start, dim * tokens);
      roundToBytes(from, dim, to, at(scales, shiftLeft(position, 2)));
      return;
    }
    Type element = format == kernel::KvFormat::F32 ? f32() : bf16();
    loop(index(0), index(dim), lanes, [&](Value d) {
      Value x = load(vector(f32(), lanes), at(from, shiftLeft(d, 2)), 4);
      store(truncate(x, element), at(to, mul(d, index(bytes))), bytes);
    });
  });
}

void KernelEmitter::emitAppend(kernel::AppendOp op, Value unit) {
  Value keys = rowPlace(op.getKey()), values = rowPlace(op.getValue());
  Slot slot = findSlot(op, unit);
  appendKeys(slot, keys);
  int64_t perHead = kernel::keyPageBytes(slot.dim, slot.tokens, slot.format);
  slot.layer = at(slot.layer, perHead * slot.heads);
  appendValues(slot, values);
}

void KernelEmitter::emitAppend(kernel::AppendValuesOp op, Value unit) {
  Value values = rowPlace(op.getValue());
  appendValues(findSlot(op, unit), values);
}
