//===- Limits.cpp - What the machine can do at best -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/KernelEmitter.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

// Lines in a step of `kernel.read`, each with a sum of its own.
static constexpr int64_t kReadLines = 4;

void KernelEmitter::emitRead(kernel::ReadOp op, Value slice) {
  int64_t bytes = kernel::packedBytes(op.getWeight().getType());
  Value begin = mul(slice, index(kernel::kReadBytes));
  Value end = minimum(add(begin, index(kernel::kReadBytes)), index(bytes));
  Type words = vector(i32());
  Values bits = loop(
      begin, end, 64 * kReadLines, Values(kReadLines, constant(words, 0)),
      [&](Value offset, ValueRange bits) {
        Values next;
        for (auto [i, sum] : llvm::enumerate(bits))
          next.push_back(bitOr(
              sum, tiles.loadLine(*this, words,
                                  at(address(op.getWeight()),
                                     add(offset, index(64 * int64_t(i)))))));
        return next;
      });
  // Somebody might look at it, so that loads stay.
  Value sink = reserve(64);
  for (Value line : bits)
    store(bitOr(line, load(words, sink, 64)), sink, 64);
}

void KernelEmitter::emitMultiply(kernel::MultiplyOp op) {
  tiles.emitPeak(*this, op.getFormat(), kernel::kMultiplyOperations,
                 reserve(TileEmitter::kPeakBytes));
}
