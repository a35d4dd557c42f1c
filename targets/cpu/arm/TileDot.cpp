//===- TileDot.cpp - Inner products on 128-bit registers --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/arm/TileDot.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

/// The lanes of `low`, then those of `high`.
static Value concatenate(Emitter &emit, Value low, Value high) {
  int64_t count = cast<VectorType>(low.getType()).getNumElements();
  auto lanes = llvm::to_vector(llvm::seq<int64_t>(0, 2 * count));
  return emit.shuffle(low, high, lanes);
}

/// Applies `instruction`, which adds to each 32-bit lane of a register the dot
/// product of the 32 bits of weights and of `x` below it, to 16 lanes.
static Value dot(Emitter &emit, StringRef instruction, Value acc, Value weights,
                 Value x) {
  auto type = cast<VectorType>(weights.getType());
  int64_t count = type.getNumElements() / 4;
  Value own = emit.spread(x);
  Emitter::Values sums;
  for (int64_t i = 0; i < 4; ++i) {
    Value sum = emit.slice(acc, 4 * i, 4);
    Value part = emit.slice(weights, count * i, count);
    Value factor = emit.bitcast(emit.slice(own, 4 * i, 4), part.getType());
    sums.push_back(
        emit.intrinsic(instruction, sum.getType(), {sum, part, factor}));
  }
  return concatenate(emit, concatenate(emit, sums[0], sums[1]),
                     concatenate(emit, sums[2], sums[3]));
}

Value TileDot::dotBytes(Emitter &emit, Value acc, Value weights,
                        Value x) const {
  return dot(emit, "llvm.aarch64.neon.sdot.v4i32.v16i8", acc, weights, x);
}

Value TileMixedDot::dotBytes(Emitter &emit, Value acc, Value weights,
                             Value x) const {
  return dot(emit, "llvm.aarch64.neon.usdot.v4i32.v16i8", acc, weights, x);
}

Value TileMixedDot::dotPairs(Emitter &emit, Value acc, Value weights,
                             Value x) const {
  return dot(emit, "llvm.aarch64.neon.bfdot.v4f32.v8bf16", acc, weights, x);
}
