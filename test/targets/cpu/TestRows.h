//===- TestRows.h - Rows in memory that kernels read and write --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TEST_TARGETS_CPU_TESTROWS_H
#define LAPIDARY_TEST_TARGETS_CPU_TESTROWS_H

#include "compiler/WeightRecipe.h"
#include "dialects/gemma/Tensor.h"
#include "dialects/kernel/Kernel.h"

#include <cstring>

namespace lapidary {

/// Zeros at a boundary of 64 bytes, as the runtime's memory is.
class AlignedBytes {
public:
  explicit AlignedBytes(size_t bytes) : lines((bytes + 63) / 64) {}

  template <typename T> T *as() { return reinterpret_cast<T *>(lines.data()); }
  size_t size() const { return lines.size() * sizeof(Line); }
  /// Makes each byte 0xff: no number as a float.
  void spoil() {
    for (Line &line : lines)
      std::memset(line.bytes, 0xff, sizeof(line.bytes));
  }

private:
  struct alignas(64) Line {
    char bytes[64];
  };
  std::vector<Line> lines;
};

/// Numbers that do not repeat.
gemma::Tensor waves(llvm::ArrayRef<int64_t> shape, float seed);

/// A matrix that is packed: any numbers.
class Waves final : public WeightRecipe {
public:
  Waves(int64_t rows, int64_t columns) : matrix(waves({rows, columns}, 0.7f)) {}

  void computeRow(int64_t index,
                  llvm::MutableArrayRef<float> out) const override {
    llvm::copy(matrix.row(index), out.begin());
  }

private:
  gemma::Tensor matrix;
};

/// All panels of a weight.
AlignedBytes packWeight(const WeightRecipe &recipe, kernel::WeightType type);

/// Rows as kernels read them: float32, padded with zeros. Heads lie side by
/// side.
AlignedBytes floatRows(const gemma::Tensor &rows);

/// What a kernel gets as a number.
void *asOperand(int64_t number);

/// Compares row `row` of padded float32 rows; behind it must be zeros.
void expectRow(AlignedBytes &rows, int64_t row, llvm::ArrayRef<float> expected,
               double tolerance);

/// That nobody wrote to bytes [begin, end) of what was spoilt.
void expectSpoilt(AlignedBytes &bytes, int64_t begin, int64_t end);

} // namespace lapidary

#endif // LAPIDARY_TEST_TARGETS_CPU_TESTROWS_H
