//===- TileAvx2.cpp - AVX2 dot products -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/x86/TileAvx2.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

int64_t TileAvx2::rowsAtOnce(kernel::WeightFormat format) const {
  // A row's 16 sums take two registers, those of bytes two more as integers.
  bool bytes = format != kernel::WeightFormat::F32 &&
               format != kernel::WeightFormat::BF16;
  return registers / (bytes ? 8 : 4);
}

Value TileAvx2::dotBytes(Emitter &emit, Value acc, Value weights,
                         Value x) const {
  Type bytes = emit.vector(emit.i8(), 32), words = emit.vector(emit.i16()),
       sums = emit.vector(emit.i32(), 8);
  Value own = emit.spread(x);
  Value ones = emit.constant(words, 1);
  Emitter::Values halves;
  for (int64_t half = 0; half < 2; ++half) {
    Value w = emit.slice(weights, 32 * half, 32);
    Value factor = emit.bitcast(emit.slice(own, 8 * half, 8), bytes);
    // |w| * (sign(w) x) = w * x.
    Value magnitude = emit.absolute(w);
    Value signedFactor =
        emit.intrinsic("llvm.x86.avx2.psign.b", bytes, {factor, w});
    Value pairs = emit.intrinsic("llvm.x86.avx2.pmadd.ub.sw", words,
                                 {magnitude, signedFactor});
    halves.push_back(
        emit.intrinsic("llvm.x86.avx2.pmadd.wd", sums, {pairs, ones}));
  }
  SmallVector<int64_t> lanes = llvm::to_vector(llvm::seq<int64_t>(kLanes));
  return emit.add(acc, emit.shuffle(halves[0], halves[1], lanes));
}
