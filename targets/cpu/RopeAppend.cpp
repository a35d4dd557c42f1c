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
  int64_t heads, dim, bytes;
  /// Of all positions of a head in a page.
  int64_t perHead;
  Value layer; ///< the layer's part of the page
  Value index; ///< of the position in the page
};

template <typename Append>
KernelEmitter::Slot KernelEmitter::findSlot(Append op, Value unit) {
  int64_t heads = op.getHeads(), dim = widthOf(op.getValue()) / heads;
  int64_t bytes = kernel::kvBytes(op.getKvFormat());
  Value position = signExtend(
      load(i32(), at(address(op.getPositions()), shiftLeft(unit, 2)), 4),
      i64());
  Value pages = load(ptr(), at(address(op.getPages()), shiftLeft(unit, 3)), 8);
  Value page =
      load(ptr(),
           at(pages, shiftLeft(quotient(position, op.getPageTokens()), 3)), 8);
  return {heads,
          dim,
          bytes,
          dim * int64_t(op.getPageTokens()) * bytes,
          at(page, pointerToInteger(address(op.getOffset()))),
          remainder(position, op.getPageTokens())};
}

void KernelEmitter::appendKeys(const Slot &slot, Value keys) {
  auto [heads, dim, bytes, perHead, layer, position] = slot;
  Type element = bytes == 4 ? f32() : bf16();
  // Keys lie transposed, 16 positions side by side.
  Value block = add(mul(quotient(position, kernel::kKeyBlock),
                        index(dim * kernel::kKeyBlock)),
                    remainder(position, kernel::kKeyBlock));
  loop(index(0), index(heads), 1, [&](Value head) {
    Value from = at(keys, mul(head, index(4 * dim)));
    Value column =
        at(at(layer, mul(head, index(perHead))), mul(block, index(bytes)));
    loop(index(0), index(dim), 1, [&](Value d) {
      Value x = load(f32(), at(from, shiftLeft(d, 2)), 4);
      store(truncate(x, element),
            at(column, mul(d, index(kernel::kKeyBlock * bytes))), bytes);
    });
  });
}

/// `slot.layer` is where values begin.
void KernelEmitter::appendValues(const Slot &slot, Value values) {
  auto [heads, dim, bytes, perHead, layer, position] = slot;
  Type element = bytes == 4 ? f32() : bf16();
  int64_t lanes = lanesFor(dim);
  loop(index(0), index(heads), 1, [&](Value head) {
    Value from = at(values, mul(head, index(4 * dim)));
    Value to = at(at(layer, mul(head, index(perHead))),
                  mul(position, index(dim * bytes)));
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
  slot.layer = at(slot.layer, slot.perHead * slot.heads);
  appendValues(slot, values);
}

void KernelEmitter::emitAppend(kernel::AppendValuesOp op, Value unit) {
  Value values = rowPlace(op.getValue());
  appendValues(findSlot(op, unit), values);
}
