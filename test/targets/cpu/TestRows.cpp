//===- TestRows.cpp - Rows in memory that kernels read and write *- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TestRows.h"
#include "compiler/Packing.h"
#include "dialects/kernel/Layouts.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace lapidary;
using gemma::Tensor;

Tensor lapidary::waves(llvm::ArrayRef<int64_t> shape, float seed) {
  Tensor result(shape);
  for (auto [i, value] : llvm::enumerate(result.values))
    value = 2 * std::sin(seed + 1.7f * i) + std::sin(seed * 5 + 0.31f * i);
  return result;
}

AlignedBytes lapidary::packWeight(const WeightRecipe &recipe,
                                  kernel::WeightType type) {
  AlignedBytes bytes(kernel::weightBytes(type));
  size_t panel = kernel::panelBytes(type);
  for (size_t i = 0; i * panel < bytes.size(); ++i)
    packPanel(recipe, type, i, {bytes.as<char>() + i * panel, panel});
  return bytes;
}

AlignedBytes lapidary::floatRows(const Tensor &rows) {
  int64_t count = rows.shape.front(), width = rows.values.size() / count;
  int64_t stride = kernel::padded(width);
  AlignedBytes bytes(count * stride * sizeof(float));
  for (int64_t row = 0; row < count; ++row)
    llvm::copy(llvm::ArrayRef(rows.values).slice(row * width, width),
               bytes.as<float>() + row * stride);
  return bytes;
}

void *lapidary::asOperand(int64_t number) {
  return reinterpret_cast<void *>(number);
}

void lapidary::expectRow(AlignedBytes &rows, int64_t row,
                         llvm::ArrayRef<float> expected, double tolerance) {
  int64_t width = expected.size(), stride = kernel::padded(width);
  const float *found = rows.as<float>() + row * stride;
  for (int64_t i = 0; i < width; ++i)
    ASSERT_NEAR(found[i], expected[i],
                tolerance * std::max(1.0f, std::abs(expected[i])))
        << "width " << width << ", row " << row << ", column " << i;
  for (int64_t i = width; i < stride; ++i)
    ASSERT_EQ(found[i], 0) << "width " << width << ", row " << row
                           << ", padding " << i;
}

void lapidary::expectSpoilt(AlignedBytes &bytes, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i)
    ASSERT_EQ(bytes.as<uint8_t>()[i], 0xff) << "byte " << i;
}
