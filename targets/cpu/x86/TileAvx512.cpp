//===- TileAvx512.cpp - AVX-512 dot products --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/x86/TileAvx512.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

TileEmitter::Pass TileAvx512::passOfMany(kernel::WeightFormat format) const {
  // Sums of bytes take a second register as integers.
  bool bytes = format == kernel::WeightFormat::Int8 ||
               format == kernel::WeightFormat::Int4;
  return {bytes ? 4 : 8, 2};
}

Value TileAvx512::dotBytes(Emitter &emit, Value acc, Value weights,
                           Value x) const {
  Type bytes = emit.vector(emit.i8(), 64);
  return emit.intrinsic("llvm.x86.avx512.vpdpbusd.512", acc.getType(),
                        {acc, weights, emit.bitcast(emit.spread(x), bytes)});
}

Value TileAvx512::dotPairs(Emitter &emit, Value acc, Value weights,
                           Value x) const {
  if (!hasBf16)
    return TileEmitter::dotPairs(emit, acc, weights, x);
  Type pairs = emit.vector(emit.bf16(), 32);
  return emit.intrinsic("llvm.x86.avx512bf16.dpbf16ps.512", acc.getType(),
                        {acc, weights, emit.bitcast(emit.broadcast(x), pairs)});
}
