//===- TileAvxVnni.cpp - AVX-VNNI dot products ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/x86/TileAvxVnni.h"

using namespace mlir;
using namespace lapidary::cpu;

Value TileAvxVnni::dotBytes(Emitter &emit, Value acc, Value weights,
                            Value x) const {
  Type bytes = emit.vector(emit.i8(), 32), sums = emit.vector(emit.i32(), 8);
  Value own = emit.spread(x);
  Emitter::Values halves;
  for (int64_t half = 0; half < 2; ++half)
    halves.push_back(emit.intrinsic(
        "llvm.x86.avx512.vpdpbusd.256", sums,
        {emit.slice(acc, 8 * half, 8), emit.slice(weights, 32 * half, 32),
         emit.bitcast(emit.slice(own, 8 * half, 8), bytes)}));
  auto lanes = llvm::to_vector(llvm::seq<int64_t>(kLanes));
  return emit.shuffle(halves[0], halves[1], lanes);
}
