//===- RopeAppend.cpp - Heads of a row: norm, rotate, cache ------*- C++
//-*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/KernelEmitter.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

void KernelEmitter::rotateHead(kernel::RopeAppendOp op, Value head,
                               Value weight, Value table, float scale,
                               Value out) {
  int64_t dim = op.getHeadDim(), half = dim / 2, lanes = lanesFor(half);
  Value inverse = broadcast(
      inverseNorm(head, dim, dim, op.getEpsilon().convertToFloat()), lanes);
  VectorType type = vector(f32(), lanes);
  Value factor = constant(type, scale);
  loop(index(0), index(4 * half), 4 * lanes, [&](Value offset) {
    auto normed = [&](int64_t part) {
      Value x = load(type, at(at(head, offset), part), 4);
      return mul(mul(x, inverse), load(type, at(at(weight, offset), part), 4));
    };
    Value x = normed(0), y = normed(4 * half);
    Value c = load(type, at(table, offset), 4);
    Value s = load(type, at(at(table, offset), 4 * half), 4);
    Value first = sub(mul(x, c), mul(y, s));
    Value second = add(mul(y, c), mul(x, s));
    store(mul(first, factor), at(out, offset), 4);
    store(mul(second, factor), at(at(out, offset), 4 * half), 4);
  });
}

void KernelEmitter::emitRopeAppend(kernel::RopeAppendOp op, Value unit) {
  int64_t dim = op.getHeadDim(), lanes = lanesFor(dim);
  int64_t bytes = kernel::kvBytes(op.getKvFormat());
  Type element = bytes == 4 ? f32() : bf16();
  auto rowOf = [&](Value rows) {
    auto type = cast<kernel::RowsType>(rows.getType());
    return at(address(rows), mul(unit, index(kernel::rowStride(type))));
  };
  auto headOf = [&](Value row, Value head) {
    return at(row, mul(head, index(4 * dim)));
  };
  Value qkv = rowOf(op.getQkv()), table = rowOf(op.getTable());
  Value query = rowOf(op.getQuery());
  loop(index(0), index(op.getHeads()), 1, [&](Value head) {
    rotateHead(op, headOf(qkv, head), address(op.getQNorm()), table,
               op.getScale().convertToFloat(), headOf(query, head));
  });

  Value position = signExtend(
      load(i32(), at(address(op.getPositions()), shiftLeft(unit, 2)), 4),
      i64());
  Value slot = remainder(position, op.getPageTokens());
  Value pages = load(ptr(), at(address(op.getPages()), shiftLeft(unit, 3)), 8);
  Value page =
      load(ptr(),
           at(pages, shiftLeft(quotient(position, op.getPageTokens()), 3)), 8);
  Value layer = at(page, pointerToInteger(address(op.getOffset())));
  int64_t perHead = dim * op.getPageTokens() * bytes;
  Value keys = at(qkv, 4 * dim * op.getHeads());
  Value rotated = reserve(4 * dim);
  loop(index(0), index(op.getKvHeads()), 1, [&](Value head) {
    rotateHead(op, headOf(keys, head), address(op.getKNorm()), table, 1.0f,
               rotated);
    // Keys lie transposed, 16 positions side by side.
    Value block = add(
        mul(quotient(slot, kernel::kKeyBlock), index(dim * kernel::kKeyBlock)),
        remainder(slot, kernel::kKeyBlock));
    Value column =
        at(at(layer, mul(head, index(perHead))), mul(block, index(bytes)));
    loop(index(0), index(dim), 1, [&](Value d) {
      Value x = load(f32(), at(rotated, shiftLeft(d, 2)), 4);
      store(truncate(x, element),
            at(column, mul(d, index(kernel::kKeyBlock * bytes))), bytes);
    });
  });
  Value valuesOf = at(keys, 4 * dim * op.getKvHeads());
  Value valuePage = at(layer, perHead * op.getKvHeads());
  loop(index(0), index(op.getKvHeads()), 1, [&](Value head) {
    Value from = headOf(valuesOf, head);
    Value to = at(at(valuePage, mul(head, index(perHead))),
                  mul(slot, index(dim * bytes)));
    loop(index(0), index(dim), lanes, [&](Value d) {
      Value x = load(vector(f32(), lanes), at(from, shiftLeft(d, 2)), 4);
      store(truncate(x, element), at(to, mul(d, index(bytes))), bytes);
    });
  });
}
