//===- Best_test.cpp - The best logits of rows ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the kernels find, one after the other, is what sorting all logits finds.
#include "CompiledKernels.h"
#include "TestRows.h"
#include "dialects/kernel/Layouts.h"
#include "runtime/candidates.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace lapidary;

namespace {

constexpr int64_t kRows = 2;
/// Some with less than one stretch, with whole ones, and with parts.
constexpr int64_t kWidths[] = {5, 64, 100, 4096, 9000};
constexpr int64_t kCounts[] = {1, 3, 64};
constexpr float kInfinity = std::numeric_limits<float>::infinity();

using Logits = std::vector<float>;

/// The kernels for rows of `width` logits.
class Finder {
public:
  Finder(int64_t width, const Target &target)
      : width(width), slices(llvm::divideCeil(width, kernel::kBestColumns)),
        kernels(makeText(), target) {}

  /// The `count` best of each row.
  std::vector<std::vector<Candidate>> run(llvm::ArrayRef<Logits> rows,
                                          int64_t count) {
    int64_t wanted = rows.size();
    AlignedBytes logits(wanted * kernel::padded(width) * sizeof(float));
    for (auto [i, row] : llvm::enumerate(rows))
      llvm::copy(row, logits.as<float>() + i * kernel::padded(width));
    AlignedBytes peaks = makeKeys(wanted, slices * 16),
                 threshold = makeKeys(wanted, 64),
                 contenders = makeKeys(wanted, slices * 64),
                 best = makeKeys(wanted, 64);
    auto run = [&](int index, llvm::ArrayRef<AlignedBytes *> places,
                   int64_t end) {
      llvm::SmallVector<void *> operands;
      for (AlignedBytes *place : places)
        operands.push_back(place->as<void>());
      kernels.run(index, operands, 0, end, wanted, count);
    };
    run(0, {&logits, &peaks}, wanted * slices);
    run(1, {&peaks, &threshold}, wanted);
    run(2, {&logits, &threshold, &contenders}, wanted * slices);
    run(3, {&contenders, &best}, wanted);
    std::vector<std::vector<Candidate>> found(wanted);
    for (int64_t i = 0; i < wanted; ++i)
      read_keys({best.as<int64_t>() + i * 64, static_cast<size_t>(count)},
                found[i]);
    return found;
  }

private:
  static AlignedBytes makeKeys(int64_t rows, int64_t columns) {
    AlignedBytes keys(rows * kernel::padded(columns) * sizeof(int64_t));
    keys.spoil();
    return keys;
  }

  std::string makeText() const {
    return llvm::formatv(R"(
      kernel.func @peaks(%x: !kernel.rows<{0} x f32>, %y: !kernel.rows<{1} x keys>)
          attributes {{unit = #kernel.unit<wanted>, slices = {3} : i64} {{
        kernel.peaks %x to %y : !kernel.rows<{0} x f32> to !kernel.rows<{1} x keys>
      }
      kernel.func @threshold(%x: !kernel.rows<{1} x keys>, %y: !kernel.rows<64 x keys>)
          attributes {{unit = #kernel.unit<wanted>, slices = 1 : i64} {{
        kernel.best %x to %y : !kernel.rows<{1} x keys> to !kernel.rows<64 x keys>
      }
      kernel.func @contenders(%x: !kernel.rows<{0} x f32>, %t: !kernel.rows<64 x keys>, %y: !kernel.rows<{2} x keys>)
          attributes {{unit = #kernel.unit<wanted>, slices = {3} : i64} {{
        kernel.contenders %x above %t to %y : !kernel.rows<{0} x f32>, !kernel.rows<64 x keys> to !kernel.rows<{2} x keys>
      }
      kernel.func @best(%x: !kernel.rows<{2} x keys>, %y: !kernel.rows<64 x keys>)
          attributes {{unit = #kernel.unit<wanted>, slices = 1 : i64} {{
        kernel.best %x to %y : !kernel.rows<{2} x keys> to !kernel.rows<64 x keys>
      })",
                         width, 16 * slices, 64 * slices, slices);
  }

  int64_t width, slices;
  CompiledKernels kernels;
};

void expectBest(llvm::function_ref<float(int64_t row, int64_t column)> logit) {
  forHostTargets([&](const Target &target) {
    for (int64_t width : kWidths) {
      std::vector<Logits> rows(kRows, Logits(width));
      for (int64_t row = 0; row < kRows; ++row)
        for (int64_t column = 0; column < width; ++column)
          rows[row][column] = logit(row, column);
      Finder finder(width, target);
      for (int64_t count : kCounts) {
        auto found = finder.run(rows, count);
        for (int64_t row = 0; row < kRows; ++row) {
          std::vector<Candidate> expected;
          find_best(rows[row], count, expected);
          EXPECT_EQ(found[row], expected)
              << count << " of " << width << ", row " << row;
        }
      }
    }
  });
}

TEST(Best, AreFoundInOrder) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  expectBest([&](int64_t, int64_t) { return normal(random); });
}

TEST(Best, OfEqualOnesAreTheFirst) {
  expectBest([](int64_t row, int64_t) { return row ? -2.5f : 0.0f; });
  expectBest([](int64_t row, int64_t column) {
    return static_cast<float>((column * 7 + row) % 11);
  });
  expectBest([](int64_t, int64_t column) { return column % 3 ? 0.0f : -0.0f; });
}

TEST(Best, AreFoundInOneLane) {
  expectBest([](int64_t, int64_t column) {
    return column % 16 == 3 ? static_cast<float>(column) : -1.0f;
  });
}

TEST(Best, AreFoundAmongExtremes) {
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  constexpr float kValues[] = {kNone, -kInfinity, -3e38f, -1e-45f, -kInfinity};
  expectBest([&](int64_t row, int64_t column) {
    return column == 4 ? kInfinity : kValues[(column + row) % 5];
  });
  expectBest([&](int64_t row, int64_t column) {
    return column == 3 * row ? -kInfinity : kNone;
  });
}

} // namespace
