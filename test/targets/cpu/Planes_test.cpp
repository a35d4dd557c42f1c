//===- Planes_test.cpp - Products with weights in planes --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums are written again as the operation describes them, and what is found by
// estimates is held to what is best of all logits, to the bit, where estimates
// mislead as well.
#include "CompiledKernels.h"
#include "TestRows.h"
#include "compiler/Packing.h"
#include "dialects/gemma/Quantization.h"
#include "dialects/kernel/Layouts.h"
#include "runtime/candidates.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace lapidary;
using kernel::kGroup;
using kernel::WeightFormat;

namespace {

using Cells = std::function<float(int64_t row, int64_t column)>;

class Recipe final : public WeightRecipe {
public:
  explicit Recipe(Cells cells) : cells(std::move(cells)) {}
  void computeRow(int64_t row,
                  llvm::MutableArrayRef<float> out) const override {
    for (auto [column, value] : llvm::enumerate(out))
      value = cells(row, column);
  }

private:
  Cells cells;
};

/// A packed matrix in planes.
AlignedBytes packPlanes(const Recipe &recipe, kernel::WeightType type) {
  AlignedBytes bytes(kernel::weightBytes(type));
  auto part = [&](int64_t begin, int64_t size) {
    return llvm::MutableArrayRef<char>(bytes.as<char>() + begin, size);
  };
  int64_t upper = kernel::panelBytes(type),
          lower = kernel::lowerPanelBytes(type);
  auto *norms =
      reinterpret_cast<float *>(bytes.as<char>() + kernel::rowNorms(type));
  for (int64_t panel = 0; panel < kernel::panelCount(type); ++panel) {
    packPanel(recipe, type, panel, part(panel * upper, upper));
    packLowerPanel(recipe, type, panel,
                   part(kernel::lowerPlane(type) + panel * lower, lower),
                   {norms + panel * 16, 16});
  }
  return bytes;
}

/// Activations as products read them.
class ByteRows {
public:
  ByteRows(int64_t count, int64_t width)
      : width(width), stride(kernel::padded(width) / kGroup),
        bytes(count * rowBytes()) {}

  int8_t *integers(int64_t row) { return at<int8_t>(row, 0); }
  float *scales(int64_t row) {
    return at<float>(row, kernel::rowScales(width));
  }
  int32_t *sums(int64_t row) {
    return at<int32_t>(row, kernel::rowSums(width));
  }
  void *data() { return bytes.as<void>(); }

  /// Sets group `group` of a row.
  void set(int64_t row, int64_t group, float scale,
           llvm::function_ref<int(int64_t column)> integer) {
    scales(row)[group] = scale;
    sums(row)[group] = 0;
    for (int64_t i = group * kGroup; i < std::min((group + 1) * kGroup, width);
         ++i) {
      integers(row)[i] = static_cast<int8_t>(integer(i));
      sums(row)[group] += integers(row)[i];
    }
  }

private:
  int64_t rowBytes() const {
    return llvm::alignTo(kernel::rowSums(width) + stride * 4, 64);
  }
  template <typename T> T *at(int64_t row, int64_t offset) {
    return reinterpret_cast<T *>(bytes.as<char>() + row * rowBytes() + offset);
  }
  int64_t width, stride;
  AlignedBytes bytes;
};

/// The sum that a product is, over the upper plane or both.
float expectedProduct(const Recipe &recipe, int64_t weightRow, ByteRows &x,
                      int64_t row, int64_t width, bool upper) {
  std::vector<float> values(kernel::padded(width));
  recipe.computeRow(weightRow, {values.data(), static_cast<size_t>(width)});
  float sum = 0;
  for (bool lower : {false, true})
    for (int64_t start = 0; start < kernel::padded(width) && !(lower && upper);
         start += kGroup) {
      float integers[kGroup];
      float scale = gemma::quantizeWeightGroup(
          llvm::ArrayRef(values).slice(start, kGroup), 8, integers);
      int dot = 0;
      for (int64_t i = 0; i < kGroup; ++i) {
        int stored = static_cast<int>(integers[i]) + 128;
        int part = lower ? stored % 16 - 8 : stored / 16 * 16 + 8 - 128;
        dot += part * x.integers(row)[start + i];
      }
      sum = std::fma(static_cast<float>(dot),
                     scale * x.scales(row)[start / kGroup], sum);
    }
  return sum;
}

/// Bytes of any size, scales that differ.
void fillAnyhow(ByteRows &x, int64_t rows, int64_t width) {
  std::mt19937 random(7);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t group = 0; group < llvm::divideCeil(width, kGroup); ++group)
      x.set(row, group, 0.01f * (1 + random() % 50),
            [&](int64_t) { return int(random() % 255) - 127; });
}

TEST(Planes, AreSummedOneAfterTheOther) {
  constexpr int64_t kRows = 40, kCounts[] = {1, 9, 33};
  constexpr int64_t kWidths[] = {40, 128, 192, 576, 640};
  Recipe recipe([](int64_t row, int64_t column) {
    return std::sin(static_cast<float>(131 * row + 7 * column));
  });
  mlir::MLIRContext context;
  context.loadDialect<kernel::KernelDialect>();
  std::string text;
  for (int64_t width : kWidths)
    for (const char *upper : {"", "upper"})
      text += llvm::formatv(R"(
        kernel.func @product{1}{0}(%x: !kernel.rows<{0} x q8>, %w: !kernel.weight<40 x {0} x planes>, %y: !kernel.rows<40 x f32>)
            attributes {{unit = #kernel.unit<one>, slices = 1 : i64} {{
          kernel.matmul %x, %w {1} to %y rows <row> epilogue <none> : !kernel.rows<{0} x q8>, !kernel.weight<40 x {0} x planes> to !kernel.rows<40 x f32>
        })",
                            width, upper);
  forHostTargets([&](const Target &target) {
    CompiledKernels kernels(text, target);
    for (auto [i, width] : llvm::enumerate(kWidths)) {
      auto type =
          kernel::WeightType::get(&context, kRows, width, WeightFormat::Planes);
      AlignedBytes weight = packPlanes(recipe, type);
      for (int64_t count : kCounts) {
        ByteRows x(count, width);
        fillAnyhow(x, count, width);
        for (bool upper : {false, true}) {
          AlignedBytes out(count * 64 * sizeof(float));
          out.spoil();
          kernels.run(2 * i + upper,
                      {x.data(), weight.as<void>(), out.as<void>()}, 0, 1,
                      count);
          for (int64_t row = 0; row < count; ++row)
            for (int64_t column = 0; column < kRows; ++column)
              ASSERT_EQ(out.as<float>()[row * 64 + column],
                        expectedProduct(recipe, column, x, row, width, upper))
                  << width << " columns, " << row << ", " << column;
        }
      }
    }
  });
}

//===----------------------------------------------------------------------===//
// The best of estimates
//===----------------------------------------------------------------------===//

constexpr int64_t kVocabulary = 4500, kSlices = 2, kWidth = 192, kWanted = 2;

/// Kernels that find the best logits, of all and by way of estimates.
std::string searchText(const char *softcap) {
  return llvm::formatv(R"(
    kernel.func @all(%x: !kernel.rows<{1} x q8>, %w: !kernel.weight<{0} x {1} x planes>, %y: !kernel.rows<{0} x f32>)
        attributes {{unit = #kernel.unit<one>, slices = {2} : i64} {{
      kernel.matmul %x, %w to %y rows <wanted> epilogue <none> {3} : !kernel.rows<{1} x q8>, !kernel.weight<{0} x {1} x planes> to !kernel.rows<{0} x f32>
    }
    kernel.func @upper(%x: !kernel.rows<{1} x q8>, %w: !kernel.weight<{0} x {1} x planes>, %y: !kernel.rows<{0} x f32>)
        attributes {{unit = #kernel.unit<one>, slices = {2} : i64} {{
      kernel.matmul %x, %w upper to %y rows <wanted> epilogue <none> : !kernel.rows<{1} x q8>, !kernel.weight<{0} x {1} x planes> to !kernel.rows<{0} x f32>
    }
    kernel.func @peaks(%e: !kernel.rows<{0} x f32>, %y: !kernel.rows<32 x keys>, %x: !kernel.rows<{1} x q8>, %w: !kernel.weight<{0} x {1} x planes>)
        attributes {{unit = #kernel.unit<wanted>, slices = 2 : i64} {{
      kernel.peaks %e refined(%x, %w : !kernel.rows<{1} x q8>, !kernel.weight<{0} x {1} x planes>) {3} to %y : !kernel.rows<{0} x f32> to !kernel.rows<32 x keys>
    }
    kernel.func @threshold(%x: !kernel.rows<32 x keys>, %y: !kernel.rows<64 x keys>)
        attributes {{unit = #kernel.unit<wanted>, slices = 1 : i64} {{
      kernel.best %x to %y : !kernel.rows<32 x keys> to !kernel.rows<64 x keys>
    }
    kernel.func @contenders(%e: !kernel.rows<{0} x f32>, %t: !kernel.rows<64 x keys>, %y: !kernel.rows<128 x keys>, %x: !kernel.rows<{1} x q8>, %w: !kernel.weight<{0} x {1} x planes>)
        attributes {{unit = #kernel.unit<wanted>, slices = 2 : i64} {{
      kernel.contenders %e refined(%x, %w : !kernel.rows<{1} x q8>, !kernel.weight<{0} x {1} x planes>) {3} above %t to %y : !kernel.rows<{0} x f32>, !kernel.rows<64 x keys> to !kernel.rows<128 x keys>
    }
    kernel.func @best(%x: !kernel.rows<128 x keys>, %y: !kernel.rows<64 x keys>)
        attributes {{unit = #kernel.unit<wanted>, slices = 1 : i64} {{
      kernel.best %x to %y : !kernel.rows<128 x keys> to !kernel.rows<64 x keys>
    })",
                       kVocabulary, kWidth,
                       llvm::divideCeil(kVocabulary, kernel::kSliceRows),
                       softcap);
}

/// What both ways find.
void expectSame(const CompiledKernels &kernels, AlignedBytes &weight,
                ByteRows &x, int64_t count) {
  int64_t stride = kernel::padded(kVocabulary);
  AlignedBytes logits(kWanted * stride * 4), estimates(kWanted * stride * 4);
  AlignedBytes peaks(kWanted * 64 * 8), threshold(kWanted * 64 * 8),
      contenders(kWanted * 128 * 8), best(kWanted * 64 * 8);
  int64_t products = llvm::divideCeil(kVocabulary, kernel::kSliceRows);
  auto run = [&](size_t index, int64_t end, llvm::ArrayRef<void *> places) {
    kernels.run(index, places, 0, end, kWanted, count);
  };
  void *w = weight.as<void>(), *e = estimates.as<void>();
  run(0, products, {x.data(), w, logits.as<void>()});
  run(1, products, {x.data(), w, e});
  run(2, kWanted * kSlices, {e, peaks.as<void>(), x.data(), w});
  run(3, kWanted, {peaks.as<void>(), threshold.as<void>()});
  run(4, kWanted * kSlices,
      {e, threshold.as<void>(), contenders.as<void>(), x.data(), w});
  run(5, kWanted, {contenders.as<void>(), best.as<void>()});
  for (int64_t row = 0; row < kWanted; ++row) {
    std::vector<Candidate> expected, found;
    find_best({logits.as<float>() + row * stride, kVocabulary}, count,
              expected);
    read_keys({best.as<int64_t>() + row * 64, static_cast<size_t>(count)},
              found);
    EXPECT_EQ(found, expected) << count << " of row " << row;
  }
}

class PlanesBest : public testing::Test {
protected:
  PlanesBest() { context.loadDialect<kernel::KernelDialect>(); }

  /// The matrix that `cells` make, and rows that `fill` makes.
  void expectBest(const Cells &cells,
                  llvm::function_ref<void(ByteRows &x)> fill,
                  const char *softcap = "") {
    auto type = kernel::WeightType::get(&context, kVocabulary, kWidth,
                                        WeightFormat::Planes);
    AlignedBytes weight = packPlanes(Recipe(cells), type);
    ByteRows x(kWanted, kWidth);
    fill(x);
    forHostTargets([&](const Target &target) {
      for (int64_t count : {1, 5, 64})
        expectSame(compile(softcap, target), weight, x, count);
    });
  }

  /// Kernels are the same whatever they read.
  static const CompiledKernels &compile(const char *softcap,
                                        const Target &target) {
    static std::map<std::string, std::unique_ptr<CompiledKernels>> compiled;
    auto &kernels = compiled[(target.name() + softcap).str()];
    if (!kernels)
      kernels = std::make_unique<CompiledKernels>(searchText(softcap), target);
    return *kernels;
  }

  static void fill(ByteRows &x) { fillAnyhow(x, kWanted, kWidth); }

  /// A weight whose quantized form is exactly `integer`, of which one in each
  /// group is 127.
  static Cells makeIntegers(std::function<int(int64_t, int64_t)> integer) {
    return [=](int64_t row, int64_t column) {
      int value = column % kGroup == 5 ? 127 : integer(row, column);
      return std::ldexp(static_cast<float>(value), -6);
    };
  }

  static Cells makeRandom() {
    return [](int64_t row, int64_t column) {
      std::mt19937 random(row * kWidth + column);
      return std::normal_distribution<float>()(random);
    };
  }

  mlir::MLIRContext context;
};

TEST_F(PlanesBest, OfRandomWeights) { expectBest(makeRandom(), fill); }

TEST_F(PlanesBest, OfCappedLogits) {
  // Most are so large that they are equal.
  expectBest(makeRandom(), fill, "softcap 5.0");
  expectBest(makeRandom(), fill, "softcap 500.0");
}

// All upper halves are the same, so that estimates tell nothing.
TEST_F(PlanesBest, WhereLowerHalvesDecide) {
  expectBest(makeIntegers([](int64_t row, int64_t column) {
               return int((row * 31 + column * 17) % 97 % 16);
             }),
             fill);
}

// The larger the upper half, the smaller the byte's product by its lower half.
TEST_F(PlanesBest, WhereEstimatesAreInTheWrongOrder) {
  expectBest(makeIntegers([](int64_t row, int64_t column) {
               int step = int(row % 40);
               bool isUp = column % 2 == 0;
               return isUp ? 16 * (step % 3) + 15 - step % 16
                           : 16 * (step % 3) + step % 16;
             }),
             [](ByteRows &x) {
               for (int64_t row = 0; row < kWanted; ++row)
                 for (int64_t group = 0; group < kWidth / kGroup; ++group)
                   x.set(row, group, 0.25f, [&](int64_t column) {
                     return column % 2 == 0 ? 100 : -101 + int(row);
                   });
             });
}

TEST_F(PlanesBest, OfEqualRows) {
  expectBest(makeIntegers([](int64_t row, int64_t column) {
               return int((row % 7 * 13 + column * 5) % 251) - 125;
             }),
             fill);
  expectBest([](int64_t, int64_t) { return 1.0f; }, fill);
  expectBest([](int64_t, int64_t) { return 0.0f; }, fill);
}

TEST_F(PlanesBest, OfExtremeActivations) {
  for (float scale : {0.0f, 1e-38f, 1e-20f, 1e20f, 1e36f})
    expectBest(makeRandom(), [&](ByteRows &x) {
      fill(x);
      for (int64_t row = 0; row < kWanted; ++row)
        x.scales(row)[2 + row] = scale;
    });
}

TEST_F(PlanesBest, OfExtremeWeights) {
  for (float size : {1e-7f, 1e4f})
    expectBest(
        [=](int64_t row, int64_t column) {
          float value = std::sin(static_cast<float>(row * kWidth + column));
          return row % 50 == 0 || column == 3 ? value * size : value;
        },
        fill);
}

} // namespace
