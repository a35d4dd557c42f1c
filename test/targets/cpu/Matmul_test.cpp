//===- Matmul_test.cpp - Products of any number of rows ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a row is multiplied with is in other tests; here it is that the bits of
// a product depend neither on rows beside it nor on the machine.
#include "CompiledKernels.h"
#include "TestRows.h"
#include "dialects/kernel/Layouts.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <sys/mman.h>
#include <unistd.h>

using namespace lapidary;
using kernel::RowFormat;
using kernel::WeightFormat;

namespace {

// Odd in every way: the last slice and the last block are not full.
constexpr int64_t kWidth = 100, kProducts = 72, kSlices = 2;
// Every number of rows that is left over, and tiles of them.
constexpr int64_t kMostRows = 37;

struct Formats {
  WeightFormat weight;
  RowFormat row;
};
constexpr Formats kFloats{WeightFormat::F32, RowFormat::F32},
    kPairs{WeightFormat::BF16, RowFormat::BF16},
    kBytes{WeightFormat::Int8, RowFormat::Q8},
    kNibbles{WeightFormat::Int4, RowFormat::Q8};

class Matmul : public testing::TestWithParam<Formats> {
protected:
  Matmul()
      : rows(kernel::RowsType::get(context(), kWidth, GetParam().row)),
        weight(packWeight(Waves(kProducts, kWidth),
                          kernel::WeightType::get(context(), kProducts, kWidth,
                                                  GetParam().weight))),
        input(kernel::bufferBytes(rows, kMostRows)) {}

  /// Compiles one kernel that stores rows and one that multiplies them, and
  /// fills `input` by the first.
  CompiledKernels compile(const Target &target) {
    std::string text = llvm::formatv(
        R"(
        kernel.func @store(%x: !kernel.rows<{0} x f32>, %y: !kernel.rows<{0} x {1}>)
            attributes {{unit = #kernel.unit<row>, slices = 1 : i64} {{
          %0 = kernel.load %x : !kernel.rows<{0} x f32> -> !kernel.row<{0}>
          kernel.store %0, %y : !kernel.row<{0}>, !kernel.rows<{0} x {1}>
        }
        kernel.func @multiply(%x: !kernel.rows<{0} x {1}>, %w: !kernel.weight<{2} x {0} x {3}>, %y: !kernel.rows<{2} x f32>)
            attributes {{unit = #kernel.unit<one>, slices = {4} : i64} {{
          kernel.matmul %x, %w to %y rows <row> epilogue <none>
            : !kernel.rows<{0} x {1}>, !kernel.weight<{2} x {0} x {3}> to !kernel.rows<{2} x f32>
        })",
        kWidth, kernel::stringifyRowFormat(GetParam().row), kProducts,
        kernel::stringifyWeightFormat(GetParam().weight), kSlices);
    CompiledKernels kernels(text, target);
    AlignedBytes numbers = floatRows(waves({kMostRows, kWidth}, 0.1f));
    input.spoil();
    kernels.run(0, {numbers.as<void>(), input.as<void>()}, 0, kMostRows);
    return kernels;
  }

  /// The products of `count` rows from `first` on.
  AlignedBytes multiply(const CompiledKernels &kernels, int64_t first,
                        int64_t count) {
    AlignedBytes products(kMostRows * kStride);
    products.spoil();
    kernels.run(1,
                {input.as<char>() + first * kernel::rowStride(rows),
                 weight.as<void>(), products.as<void>()},
                0, kSlices, count);
    expectSpoilt(products, count * kStride, products.size());
    return products;
  }

  static constexpr int64_t kStride = 128 * sizeof(float);

private:
  mlir::MLIRContext *context() {
    owner.loadDialect<kernel::KernelDialect>();
    return &owner;
  }
  mlir::MLIRContext owner;

protected:
  kernel::RowsType rows;
  AlignedBytes weight, input;
};

TEST_P(Matmul, GivesARowTheSameBitsAmongAnyNumberOfOthers) {
  for (const Target *target : hostTargets()) {
    SCOPED_TRACE(target->name().str());
    CompiledKernels kernels = compile(*target);
    std::vector<AlignedBytes> alone;
    alone.reserve(kMostRows);
    for (int64_t row = 0; row < kMostRows; ++row)
      alone.push_back(multiply(kernels, row, 1));
    for (int64_t count = 2; count <= kMostRows; ++count) {
      AlignedBytes together = multiply(kernels, 0, count);
      for (int64_t row = 0; row < count; ++row)
        ASSERT_EQ(std::memcmp(together.as<char>() + row * kStride,
                              alone[row].as<char>(), kStride),
                  0)
            << "row " << row << " of " << count;
    }
  }
}

// All but bfloat16, whose sums machines round differently.
class ExactMatmul : public Matmul {};

TEST_P(ExactMatmul, GivesTheSameBitsOnAllMachines) {
  std::optional<AlignedBytes> expected;
  for (const Target *target : hostTargets()) {
    AlignedBytes found = multiply(compile(*target), 0, kMostRows);
    if (!expected)
      expected = found;
    EXPECT_EQ(std::memcmp(found.as<char>(), expected->as<char>(), found.size()),
              0)
        << target->name().str();
  }
}

/// A matrix in float32 whose panels are pages; some cannot be read.
class PagedPanels {
public:
  PagedPanels(int64_t panels, int64_t columns, llvm::ArrayRef<int64_t> kept)
      : size(panels * kernel::kPanelRows * columns * sizeof(float)) {
    memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    auto *numbers = static_cast<float *>(memory);
    std::fill_n(numbers, size / sizeof(float), 1.0f);
    size_t page = size / panels;
    for (int64_t panel = 0; panel < panels; ++panel)
      if (!llvm::is_contained(kept, panel))
        mprotect(static_cast<char *>(memory) + panel * page, page, PROT_NONE);
  }
  ~PagedPanels() { munmap(memory, size); }
  PagedPanels(const PagedPanels &) = delete;
  PagedPanels &operator=(const PagedPanels &) = delete;

  void *memory;

private:
  size_t size;
};

TEST(MaskedMatmul, ReadsPanelsThatRowsWantAlone) {
  const int64_t columns = sysconf(_SC_PAGESIZE) / 64, products = 250,
                slices = 4;
  std::string text = llvm::formatv(
      R"(
      kernel.func @multiply(%x: !kernel.rows<{0} x f32>, %w: !kernel.weight<{1} x {0} x f32>, %y: !kernel.rows<{1} x f32>, %m: !kernel.rows<{1} x bits>)
          attributes {{unit = #kernel.unit<one>, slices = {2} : i64} {{
        kernel.matmul %x, %w to %y rows <wanted> epilogue <none> among %m : !kernel.rows<{1} x bits>
          : !kernel.rows<{0} x f32>, !kernel.weight<{1} x {0} x f32> to !kernel.rows<{1} x f32>
      })",
      columns, products, slices);
  const int64_t wanted[2][3] = {{0, 100, 249}, {5, 64, 66}};
  PagedPanels weight(slices * kernel::kSlicePanels, columns, {0, 4, 6, 15});
  AlignedBytes rows(2 * columns * sizeof(float));
  std::fill_n(rows.as<float>(), columns, 1.0f);
  std::fill_n(rows.as<float>() + columns, columns, 2.0f);
  AlignedBytes bits(sizeof(uint64_t) * 2 * slices);
  for (int64_t row = 0; row < 2; ++row)
    for (int64_t column : wanted[row])
      bits.as<uint64_t>()[row * slices + column / 64] |= uint64_t(1)
                                                         << column % 64;
  forHostTargets([&](const Target &target) {
    CompiledKernels kernels(text, target);
    AlignedBytes result(2 * slices * 64 * sizeof(float));
    kernels.run(
        0, {rows.as<void>(), weight.memory, result.as<void>(), bits.as<void>()},
        0, slices, 2);
    for (int64_t row = 0; row < 2; ++row)
      for (int64_t column = 0; column < products; ++column) {
        float found = result.as<float>()[row * slices * 64 + column];
        if (llvm::is_contained(wanted[row], column))
          EXPECT_EQ(found, (row + 1) * columns) << column;
        else
          EXPECT_TRUE(std::isnan(found)) << row << ", " << column;
      }
  });
}

std::string nameOf(const testing::TestParamInfo<Formats> &test) {
  return kernel::stringifyWeightFormat(test.param.weight).str();
}
INSTANTIATE_TEST_SUITE_P(, Matmul,
                         testing::Values(kFloats, kPairs, kBytes, kNibbles),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(, ExactMatmul,
                         testing::Values(kFloats, kBytes, kNibbles), nameOf);

} // namespace
