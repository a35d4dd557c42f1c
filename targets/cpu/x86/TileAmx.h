//===- TileAmx.h - Products on AMX tiles ------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_X86_TILEAMX_H
#define LAPIDARY_TARGETS_CPU_X86_TILEAMX_H

#include "targets/cpu/x86/TileAvx512.h"

namespace lapidary::cpu {

/// AMX_BF16 and AMX_INT8: activation rows go through tiles 16 at a time, what
/// is left over through vectors. Both ways give the same sums: those of bytes
/// are exact within a group of columns, and vectors add up bfloat16 products in
/// the order of tdpbf16ps.
///
/// Weights of 8 and 4 bits stay integers. Scaling the sums of each group costs
/// vectors as much time as tiles would need for the products in bfloat16, and
/// these would depend on whether a row went through tiles.
class TileAmx : public TileAvx512 {
public:
  TileAmx() : TileAvx512(/*hasBf16=*/true, kBothHints) {}

  /// Of rows that tiles leave over there are few.
  Pass passOfMany(kernel::WeightFormat format) const override {
    return {rowsAtOnce(format), 1};
  }
  int64_t tileRows() const override { return 128; }
  int64_t workBytes(kernel::WeightFormat format) const override;
  void emitSlice(Emitter &emit, kernel::WeightType weight,
                 kernel::RowsType input, mlir::Value rows, mlir::Value count,
                 mlir::Value panels, mlir::Value tile,
                 mlir::Value wanted) const override;

  void emitPeak(Emitter &emit, kernel::WeightFormat format, int64_t operations,
                mlir::Value place) const override;

protected:
  Emitter::Values emitPairPanels(Emitter &emit, kernel::WeightType weight,
                                 mlir::ValueRange rows,
                                 mlir::ValueRange panels) const override;

private:
  /// As `emitSlice`, for `16 * count` rows.
  void emitPairSlice(Emitter &emit, kernel::WeightType weight, int64_t stride,
                     mlir::Value rows, mlir::Value count, mlir::Value panels,
                     mlir::Value tile) const;
  void emitByteSlice(Emitter &emit, kernel::WeightType weight, int64_t stride,
                     mlir::Value rows, mlir::Value count, mlir::Value panels,
                     mlir::Value tile) const;
  /// Writes group `group` of `block` to `place`: a tile of signed bytes.
  void unpack(Emitter &emit, kernel::WeightFormat format, mlir::Value block,
              int64_t group, mlir::Value place) const;
};

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_X86_TILEAMX_H
