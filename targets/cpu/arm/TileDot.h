//===- TileDot.h - Inner products on 128-bit registers ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_ARM_TILEDOT_H
#define LAPIDARY_TARGETS_CPU_ARM_TILEDOT_H

#include "targets/cpu/TileEmitter.h"

namespace lapidary::cpu {

/// The plain inner product for 32 registers of 128 bits: a vector of 16 lanes
/// fills four, so that sums of four rows and one vector of weights fit.
class TileNeon : public TileEmitter {
public:
  int64_t rowsAtOnce(kernel::WeightFormat format) const override { return 4; }
  int64_t queriesAtOnce() const override { return 4; }
  int64_t sumsAtOnce() const override { return 4; }
};

/// Bytes by the dot-product extension: signed by signed.
class TileDot : public TileNeon {
public:
  mlir::Value dotBytes(Emitter &emit, mlir::Value acc, mlir::Value weights,
                       mlir::Value x) const override;
};

/// Bytes and bfloat16 by the extensions for matrices. They multiply unsigned by
/// signed bytes, as packed weights are; sums of bfloat16 products are rounded
/// to odd and have no denormals.
class TileMixedDot : public TileNeon {
public:
  bool wantsSignedWeights() const override { return false; }
  mlir::Value dotBytes(Emitter &emit, mlir::Value acc, mlir::Value weights,
                       mlir::Value x) const override;
  mlir::Value dotPairs(Emitter &emit, mlir::Value acc, mlir::Value weights,
                       mlir::Value x) const override;
};

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_ARM_TILEDOT_H
