//===- TileAvxVnni.h - AVX-VNNI dot products --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_X86_TILEAVXVNNI_H
#define LAPIDARY_TARGETS_CPU_X86_TILEAVXVNNI_H

#include "targets/cpu/x86/TileAvx2.h"

namespace lapidary::cpu {

/// AVX_VNNI: what AVX512_VNNI has, on 16 registers of 256 bits.
class TileAvxVnni final : public TileAvx2 {
public:
  TileAvxVnni() : TileAvx2(16) {}

  /// vpdpbusd multiplies unsigned by signed bytes, as weights are packed.
  bool wantsSignedWeights() const override { return false; }
  mlir::Value dotBytes(Emitter &emit, mlir::Value acc, mlir::Value weights,
                       mlir::Value x) const override;

protected:
  // With weights and rows they fill the registers.
  int64_t peakSums(kernel::WeightFormat format) const override { return 4; }
};

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_X86_TILEAVXVNNI_H
