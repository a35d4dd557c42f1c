//===- TileAvx512.h - AVX-512 dot products ----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_X86_TILEAVX512_H
#define LAPIDARY_TARGETS_CPU_X86_TILEAVX512_H

#include "targets/cpu/TileEmitter.h"

namespace lapidary::cpu {

/// AVX512_VNNI: one instruction for 64 byte products; with AVX512_BF16 another
/// for 32 bfloat16 products.
class TileAvx512 : public TileEmitter {
public:
  TileAvx512(bool hasBf16, Hints streamHints)
      : hasBf16(hasBf16), streamHints(streamHints) {}

  Hints hints() const override { return streamHints; }

  Pass passOfMany(kernel::WeightFormat format) const override;
  /// vpdpbusd multiplies unsigned by signed bytes, as weights are packed.
  bool wantsSignedWeights() const override { return false; }
  mlir::Value dotBytes(Emitter &emit, mlir::Value acc, mlir::Value weights,
                       mlir::Value x) const override;
  mlir::Value dotPairs(Emitter &emit, mlir::Value acc, mlir::Value weights,
                       mlir::Value x) const override;

protected:
  int64_t peakSums(kernel::WeightFormat format) const override { return 12; }

private:
  bool hasBf16;
  Hints streamHints;
};

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_X86_TILEAVX512_H
