//===- Tensor.h - Numbers of the reference evaluator ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The evaluator computes in float32 throughout, so one kind of tensor is
// enough. Narrower formats and integers below 2^24 are exact in it.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_DIALECTS_GEMMA_TENSOR_H
#define LAPIDARY_DIALECTS_GEMMA_TENSOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <functional>
#include <vector>

namespace lapidary::gemma {

/// A row-major tensor that owns its numbers.
struct Tensor {
  llvm::SmallVector<int64_t, 3> shape;
  std::vector<float> values;
  /// Of a weight of `!gemma.quant`, whose `values` are then integers: one for
  /// each group of columns, row by row. Empty for all other tensors.
  std::vector<float> scales;

  /// All zero.
  explicit Tensor(llvm::ArrayRef<int64_t> shape)
      : shape(shape), values(llvm::product_of(shape)) {}
  Tensor(llvm::ArrayRef<int64_t> shape, std::vector<float> values)
      : shape(shape), values(std::move(values)) {}

  /// Length of the last dimension.
  int64_t width() const { return shape.back(); }
  /// Number of stretches of `width()` numbers.
  int64_t rows() const { return llvm::product_of(llvm::drop_end(shape)); }

  llvm::ArrayRef<float> row(int64_t index) const {
    return llvm::ArrayRef(values).slice(index * width(), width());
  }
  llvm::MutableArrayRef<float> row(int64_t index) {
    return llvm::MutableArrayRef(values).slice(index * width(), width());
  }

  bool isQuantized() const { return !scales.empty(); }
  /// Scales of a row of a quantized weight.
  llvm::ArrayRef<float> rowScales(int64_t index) const {
    int64_t groups = scales.size() / rows();
    return llvm::ArrayRef(scales).slice(index * groups, groups);
  }
};

} // namespace lapidary::gemma

#endif // LAPIDARY_DIALECTS_GEMMA_TENSOR_H
