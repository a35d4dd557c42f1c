//===- TileEmitter.h - The inner product of one machine ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All that differs between instruction sets of CPUs. Everything around it,
// loops over slices and rows, scales of groups, epilogues, tails, is written
// once (Matmul.cpp) on vectors. This class itself is the plain emitter: it
// works on every machine and is the reference for all others.
#ifndef LAPIDARY_TARGETS_CPU_TILEEMITTER_H
#define LAPIDARY_TARGETS_CPU_TILEEMITTER_H

#include "dialects/kernel/Layouts.h"
#include "targets/cpu/Emitter.h"

namespace lapidary::cpu {

/// Distances, in bytes ahead of a line of weights that is about to be read, at
/// which its stream is fetched into the first (0: not at all) and into the
/// second cache level.
struct Hints {
  int64_t near, far;
};
inline constexpr Hints kBothHints{1024, 4096};

/// Bytes from one row of products to the next in a slice's scratch.
inline constexpr int64_t kProductStride = 4 * kernel::kSliceRows;

class TileEmitter {
public:
  virtual ~TileEmitter() = default;

  /// Activation rows that one pass over a panel serves: a power of two up to
  /// `kRowsAtOnce` for what registers hold.
  virtual int64_t rowsAtOnce(kernel::WeightFormat format) const {
    return kernel::kRowsAtOnce;
  }

  /// What one pass serves of more rows than that, when weights come from a
  /// cache: more sums at a time hide how long a product takes. Rows are a
  /// divisor of `kRowsAtOnce`, panels one of a slice's.
  struct Pass {
    int64_t rows, panels;
  };
  virtual Pass passOfMany(kernel::WeightFormat format) const {
    return {rowsAtOnce(format), 1};
  }

  /// Queries that attention takes through the keys together; what registers
  /// hold.
  virtual int64_t queriesAtOnce() const { return 8; }

  /// Vectors of sums that attention adds to at once; what registers hold.
  virtual int64_t sumsAtOnce() const { return 16; }

  /// Whether `dotBytes` wants signed weights. The packed ones are unsigned.
  virtual bool wantsSignedWeights() const { return true; }

  /// Rows whose products wait in scratch for the epilogue: 8 KiB, so that they
  /// stay in the first cache level.
  virtual int64_t tileRows() const { return 32; }

  virtual Hints hints() const { return kBothHints; }

  /// Bytes that `emitSlice` uses behind its tile.
  virtual int64_t workBytes(kernel::WeightFormat format) const { return 0; }

  /// For each lane l: `acc[l] + sum over i < 4 of weights[4l + i] * x[i]`.
  /// `acc`: i32 x 16; `weights`: i8 x 64; `x`: four signed bytes as one i32, or
  /// four of each lane's own as i32 x 16.
  virtual mlir::Value dotBytes(Emitter &emit, mlir::Value acc,
                               mlir::Value weights, mlir::Value x) const;

  /// For each lane l: `acc[l] + weights[2l] * x[0] + weights[2l + 1] * x[1]`.
  /// `acc`: f32 x 16; `weights`: bf16 x 32; `x`: two bf16 as one i32.
  virtual mlir::Value dotPairs(Emitter &emit, mlir::Value acc,
                               mlir::Value weights, mlir::Value x) const;

  /// Products of `count` rows from `input` on (`stride` bytes apart) with the
  /// panels of one slice from `panels` on, to `tile`: float32 [count][64] for
  /// up to `tileRows()` rows. Reads rows behind these up to a multiple of
  /// `kRowsAtOnce`, and writes as many to `tile`. With `wanted`, which may be
  /// null, panels none of whose 16 bits it has are left out.
  virtual void emitSlice(Emitter &emit, kernel::WeightType weight,
                         kernel::RowsType input, mlir::Value rows,
                         mlir::Value count, mlir::Value panels,
                         mlir::Value tile, mlir::Value wanted) const;

  /// Does `operations` as inner products with weights in `format` do them, with
  /// all operands in registers and in `kPeakBytes` of scratch at `place`.
  virtual void emitPeak(Emitter &emit, kernel::WeightFormat format,
                        int64_t operations, mlir::Value place) const;

  static constexpr int64_t kPeakBytes = 4096;

  /// Loads 64 bytes of weights and fetches what lies ahead.
  mlir::Value loadLine(Emitter &emit, mlir::Type type, mlir::Value line) const;

  /// Adds to `tile` the products with the lower plane of a weight in planes,
  /// whose panels of the slice lie from `upper` and from `lower` on.
  void addLowerSlice(Emitter &emit, kernel::WeightType weight,
                     kernel::RowsType input, mlir::Value rows,
                     mlir::Value count, mlir::Value upper, mlir::Value lower,
                     mlir::Value tile) const;

protected:
  /// Sums that keep the machine busy while each waits for itself.
  virtual int64_t peakSums(kernel::WeightFormat format) const {
    return rowsAtOnce(format);
  }

  /// Calls `body` with the bytes of a group of 32 columns of blocks of
  /// integers: eight times a vector of 16 rows x 4 columns of each block, in
  /// order of columns, as the packed layout has them (unsigned).
  void eachQuad(
      Emitter &emit, kernel::WeightFormat format, mlir::ValueRange blocks,
      int64_t group,
      llvm::function_ref<void(int64_t i, mlir::ValueRange quads)> body) const;

  /// As `emitPanels`, for bfloat16.
  virtual Emitter::Values emitPairPanels(Emitter &emit,
                                         kernel::WeightType weight,
                                         mlir::ValueRange rows,
                                         mlir::ValueRange panels) const;

private:
  /// Products of `count` rows with `panelCount` panels, to `tile`.
  void emitPass(Emitter &emit, kernel::WeightType weight, int64_t stride,
                mlir::Value rows, int64_t count, mlir::Value panels,
                int64_t panelCount, mlir::Value tile) const;
  /// Products of `rows` with `panels` (their addresses): for each row a vector
  /// of 16 float32 for each panel.
  Emitter::Values emitPanels(Emitter &emit, kernel::WeightType weight,
                             mlir::ValueRange rows,
                             mlir::ValueRange panels) const;
  Emitter::Values emitFloatPanels(Emitter &emit, kernel::WeightType weight,
                                  mlir::ValueRange rows,
                                  mlir::ValueRange panels) const;
  Emitter::Values emitBytePanels(Emitter &emit, kernel::WeightType weight,
                                 mlir::ValueRange rows,
                                 mlir::ValueRange panels) const;
  /// `sums` and the products with `groups` groups of tile `tile` of a panel in
  /// the lower plane.
  Emitter::Values addLowerTile(Emitter &emit, kernel::WeightType weight,
                               mlir::ValueRange rows, mlir::Value upper,
                               mlir::Value lower, mlir::Value tile,
                               int64_t groups, mlir::ValueRange sums) const;
  /// Products of bytes `x` (addresses of 32 of each row, whose sums are
  /// `totals`) with group `group` of blocks: for each row an i32 x 16 for each
  /// block.
  Emitter::Values dotGroup(Emitter &emit, kernel::WeightFormat format,
                           mlir::ValueRange blocks, int64_t group,
                           mlir::ValueRange x, mlir::ValueRange totals) const;
};

/// The low or the high nibbles of a line of 64 bytes, each as a byte.
mlir::Value nibbles(Emitter &emit, mlir::Value line, bool high);

/// The scales of group `group` of a block of integers, one for each row, as
/// float32.
mlir::Value loadScales(Emitter &emit, kernel::WeightFormat format,
                       mlir::Value block, int64_t group);

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_TILEEMITTER_H
