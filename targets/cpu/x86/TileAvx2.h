//===- TileAvx2.h - AVX2 dot products ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_X86_TILEAVX2_H
#define LAPIDARY_TARGETS_CPU_X86_TILEAVX2_H

#include "targets/cpu/TileEmitter.h"

namespace lapidary::cpu {

/// AVX2 multiplies unsigned by signed bytes to saturating 16-bit sums of two;
/// with magnitudes of weights up to 127 none saturates.
class TileAvx2 : public TileEmitter {
public:
  /// `registers`: how many vector registers there are.
  explicit TileAvx2(int64_t registers) : registers(registers) {}

  int64_t rowsAtOnce(kernel::WeightFormat format) const override;
  int64_t sumsAtOnce() const override { return registers / 4; }
  mlir::Value dotBytes(Emitter &emit, mlir::Value acc, mlir::Value weights,
                       mlir::Value x) const override;

private:
  int64_t registers;
};

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_X86_TILEAVX2_H
