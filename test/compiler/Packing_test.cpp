//===- Packing_test.cpp - Packed weights lie as documented ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elements are looked up by the words of dialects/kernel/Layouts.h, not by what
// Packing.cpp does.
#include "compiler/Packing.h"
#include "dialects/gemma/Quantization.h"
#include "dialects/kernel/Layouts.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/bit.h"
#include "gmock/gmock.h"

#include <cmath>

using namespace lapidary;
using kernel::WeightFormat;

namespace {

// Two panels, the second not full; a second block of columns, not full either.
constexpr int64_t kRows = 20, kColumns = 70, kPaddedColumns = 128;

float valueAt(int64_t row, int64_t column) {
  return row < kRows && column < kColumns
             ? std::sin(static_cast<float>(131 * row + 7 * column))
             : 0.0f;
}

class Waves final : public WeightRecipe {
  void computeRow(int64_t index,
                  llvm::MutableArrayRef<float> out) const override {
    ASSERT_LT(index, kRows);
    for (auto [column, value] : llvm::enumerate(out))
      value = valueAt(index, column);
  }
};

/// A quantized group of a row, and its scale.
struct Group {
  Group(int64_t row, int64_t group, int64_t bits) {
    float values[kernel::kGroup];
    for (int64_t i = 0; i < kernel::kGroup; ++i)
      values[i] = valueAt(row, group * kernel::kGroup + i);
    scale = gemma::quantizeWeightGroup(values, bits, integers);
  }
  float integers[kernel::kGroup], scale;
};

class PackingTest : public testing::Test {
protected:
  PackingTest() { context.loadDialect<kernel::KernelDialect>(); }

  /// Packs the whole matrix.
  void pack(WeightFormat format) {
    auto type = kernel::WeightType::get(&context, kRows, kColumns, format);
    panelBytes = kernel::panelBytes(type);
    bytes.resize(kernel::weightBytes(type));
    for (size_t panel = 0; panel * panelBytes < bytes.size(); ++panel)
      packPanel(
          Waves(), type, panel,
          llvm::MutableArrayRef(bytes).slice(panel * panelBytes, panelBytes));
  }

  /// Packs the same matrix as a table. Returns the bytes from row to row.
  int64_t packTable(WeightFormat format) {
    auto type = kernel::TableType::get(&context, kRows, kColumns, format);
    int64_t stride = kernel::tableStride(type);
    bytes.resize(kernel::packedBytes(type));
    EXPECT_EQ(int64_t(bytes.size()), kRows * stride);
    for (int64_t row = 0; row < kRows; ++row)
      packTableRow(Waves(), type, row,
                   llvm::MutableArrayRef(bytes).slice(row * stride, stride));
    return stride;
  }

  template <typename T> T read(int64_t row, int64_t offsetInPanel) const {
    return readAt<T>(row / 16 * panelBytes + offsetInPanel);
  }
  template <typename T> T readAt(int64_t offset) const {
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
  }

  /// Calls `check(row, column)` for every place, padding included.
  template <typename Check> void forEachPlace(Check check) const {
    int64_t rows = bytes.size() / panelBytes * 16;
    EXPECT_EQ(rows, 128);
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t column = 0; column < kPaddedColumns; ++column)
        check(row, column);
  }

  /// The same for a table.
  template <typename Check> void forEachPlaceOfTable(Check check) const {
    for (int64_t row = 0; row < kRows; ++row)
      for (int64_t column = 0; column < kPaddedColumns; ++column)
        check(row, column);
  }

  float readScale(int64_t row, int64_t offsetInPanel) const {
    return readScaleAt(row / 16 * panelBytes + offsetInPanel);
  }
  float readScaleAt(int64_t offset) const {
    llvm::APFloat scale(llvm::APFloat::IEEEhalf(),
                        llvm::APInt(16, readAt<uint16_t>(offset)));
    return scale.convertToFloat();
  }

  mlir::MLIRContext context;
  std::vector<char> bytes;
  int64_t panelBytes = 0;
};

TEST_F(PackingTest, FloatsLieColumnByColumn) {
  pack(WeightFormat::F32);
  forEachPlace([&](int64_t row, int64_t column) {
    EXPECT_EQ(read<float>(row, column * 64 + row % 16 * 4),
              valueAt(row, column));
  });
}

TEST_F(PackingTest, Bfloat16LiesInPairsOfColumns) {
  pack(WeightFormat::BF16);
  forEachPlace([&](int64_t row, int64_t column) {
    EXPECT_EQ(
        read<uint16_t>(row, column / 2 * 64 + row % 16 * 4 + column % 2 * 2),
        toBFloat16(valueAt(row, column)));
  });
}

TEST_F(PackingTest, BytesLieInQuadsOfColumnsWithScalesBehind) {
  pack(WeightFormat::Int8);
  forEachPlace([&](int64_t row, int64_t column) {
    Group group(row, column / 32, 8);
    int64_t block = column / 64 * 1088, inBlock = column % 64;
    int64_t place = block + inBlock / 4 * 64 + row % 16 * 4 + inBlock % 4;
    EXPECT_EQ(read<uint8_t>(row, place) - 128, group.integers[column % 32]);
    EXPECT_EQ(readScale(row, block + 1024 + inBlock / 32 * 32 + row % 16 * 2),
              group.scale);
  });
}

TEST_F(PackingTest, NibblesLieInOctetsOfColumnsWithScalesBehind) {
  pack(WeightFormat::Int4);
  forEachPlace([&](int64_t row, int64_t column) {
    Group group(row, column / 32, 4);
    int64_t block = column / 64 * 576, inBlock = column % 64;
    int64_t line = inBlock / 32 * 4 + inBlock % 32 / 8, inOctet = column % 8;
    auto byte =
        read<uint8_t>(row, block + line * 64 + row % 16 * 4 + inOctet % 4);
    EXPECT_EQ((inOctet < 4 ? byte & 15 : byte >> 4) - 8,
              group.integers[column % 32]);
    EXPECT_EQ(readScale(row, block + 512 + inBlock / 32 * 32 + row % 16 * 2),
              group.scale);
  });
}

TEST_F(PackingTest, PlanesPartTheHalvesOfBytes) {
  auto type =
      kernel::WeightType::get(&context, kRows, kColumns, WeightFormat::Planes);
  // Eight panels of two blocks; of one tile and four scales of each row; norms.
  constexpr int64_t kLower = 8 * 1152, kLowerPanel = 1024 + 16 * 8;
  constexpr int64_t kNorms = kLower + 8 * kLowerPanel;
  bytes.resize(kernel::weightBytes(type));
  ASSERT_EQ(int64_t(bytes.size()), kNorms + 128 * 4);
  llvm::MutableArrayRef<char> all(bytes);
  std::vector<float> norms(128);
  for (int64_t panel = 0; panel < 8; ++panel) {
    packPanel(Waves(), type, panel, all.slice(panel * 1152, 1152));
    packLowerPanel(Waves(), type, panel,
                   all.slice(kLower + panel * kLowerPanel, kLowerPanel),
                   llvm::MutableArrayRef(norms).slice(panel * 16, 16));
  }
  for (int64_t row = 0; row < 128; ++row) {
    double squares = 0;
    for (int64_t column = 0; column < kPaddedColumns; ++column) {
      Group group(row, column / 32, 8);
      int64_t inBlock = column % 64, inOctet = column % 8;
      int64_t line = inBlock / 32 * 4 + inBlock % 32 / 8;
      int64_t panel = row / 16, lane = row % 16;
      auto upper = readAt<uint8_t>(panel * 1152 + column / 64 * 576 +
                                   line * 64 + lane * 4 + inOctet % 4);
      auto lower =
          readAt<uint8_t>(kLower + panel * kLowerPanel + lane * 64 + inBlock);
      int high = inOctet < 4 ? upper & 15 : upper >> 4;
      int low = column < 64 ? lower & 15 : lower >> 4;
      EXPECT_EQ(16 * high + low - 128, group.integers[column % 32]);
      float scale = readScaleAt(kLower + panel * kLowerPanel + 1024 + lane * 8 +
                                column / 32 * 2);
      EXPECT_EQ(scale, group.scale);
      EXPECT_EQ(scale, readScaleAt(panel * 1152 + column / 64 * 576 + 512 +
                                   inBlock / 32 * 32 + lane * 2));
      squares += std::pow((low - 8) * double(scale), 2);
    }
    EXPECT_GE(norms[row], std::sqrt(squares));
    EXPECT_LE(norms[row], std::sqrt(squares) * (1 + 1e-6) + 1e-44);
  }
}

TEST_F(PackingTest, FloatsOfATableLieInOrder) {
  int64_t stride = packTable(WeightFormat::F32);
  EXPECT_EQ(stride, 4 * kPaddedColumns);
  forEachPlaceOfTable([&](int64_t row, int64_t column) {
    EXPECT_EQ(readAt<float>(row * stride + 4 * column), valueAt(row, column));
  });
}

TEST_F(PackingTest, Bfloat16OfATableLiesInOrder) {
  int64_t stride = packTable(WeightFormat::BF16);
  EXPECT_EQ(stride, 2 * kPaddedColumns);
  forEachPlaceOfTable([&](int64_t row, int64_t column) {
    EXPECT_EQ(readAt<uint16_t>(row * stride + 2 * column),
              toBFloat16(valueAt(row, column)));
  });
}

TEST_F(PackingTest, BytesOfATableLieInOrderWithScalesBehind) {
  // 128 bytes and four scales, up to the next multiple of 64.
  int64_t stride = packTable(WeightFormat::Int8);
  EXPECT_EQ(stride, 192);
  forEachPlaceOfTable([&](int64_t row, int64_t column) {
    Group group(row, column / 32, 8);
    EXPECT_EQ(readAt<int8_t>(row * stride + column),
              group.integers[column % 32]);
    EXPECT_EQ(readScaleAt(row * stride + 128 + column / 32 * 2), group.scale);
  });
}

TEST_F(PackingTest, NibblesOfATableLieInHalvesOfAGroupWithScalesBehind) {
  int64_t stride = packTable(WeightFormat::Int4);
  EXPECT_EQ(stride, 128);
  forEachPlaceOfTable([&](int64_t row, int64_t column) {
    Group group(row, column / 32, 4);
    auto byte = readAt<uint8_t>(row * stride + column / 32 * 16 + column % 16);
    EXPECT_EQ((column % 32 < 16 ? byte & 15 : byte >> 4) - 8,
              group.integers[column % 32]);
    EXPECT_EQ(readScaleAt(row * stride + 64 + column / 32 * 2), group.scale);
  });
}

TEST_F(PackingTest, VectorsAreFilledWithZeros) {
  auto type = kernel::VectorType::get(&context, kColumns);
  std::vector<float> values(kernel::vectorBytes(type) / sizeof(float));
  ASSERT_EQ(values.size(), size_t(kPaddedColumns));
  packVector(Waves(), type,
             {reinterpret_cast<char *>(values.data()),
              static_cast<size_t>(kernel::vectorBytes(type))});
  for (int64_t column = 0; column < kPaddedColumns; ++column)
    EXPECT_EQ(values[column], valueAt(0, column));
}

TEST_F(PackingTest, RopeFrequenciesFallFromOneOverTheFactor) {
  auto type = kernel::VectorType::get(&context, 4);
  std::vector<float> values(kernel::vectorBytes(type) / sizeof(float));
  packRopeFrequencies(10000.0f, 8.0f, type.getWidth(), type,
                      {reinterpret_cast<char *>(values.data()),
                       static_cast<size_t>(kernel::vectorBytes(type))});
  const float expected[] = {0.125f, 0.0125f, 0.00125f, 0.000125f, 0.0f};
  for (auto [found, wanted] : llvm::zip(values, expected))
    EXPECT_FLOAT_EQ(found, wanted);
}

TEST_F(PackingTest, RopeFrequenciesAreZeroBehindThePairsThatRotate) {
  auto type = kernel::VectorType::get(&context, 4);
  std::vector<float> values(kernel::vectorBytes(type) / sizeof(float), -1.0f);
  packRopeFrequencies(10000.0f, 1.0f, /*pairs=*/2, type,
                      {reinterpret_cast<char *>(values.data()),
                       static_cast<size_t>(kernel::vectorBytes(type))});
  // The exponent is that of all four.
  EXPECT_FLOAT_EQ(values[0], 1.0f);
  EXPECT_FLOAT_EQ(values[1], 0.1f);
  for (float value : llvm::drop_begin(values, 2))
    EXPECT_EQ(value, 0);
}

TEST(Bfloat16, IsRoundedToNearestEven) {
  auto round = [](uint32_t bits) {
    return toBFloat16(llvm::bit_cast<float>(bits));
  };
  EXPECT_EQ(round(0x3f807fff), 0x3f80);
  EXPECT_EQ(round(0x3f808000), 0x3f80); // tie, even already
  EXPECT_EQ(round(0x3f818000), 0x3f82); // tie, to even
  EXPECT_EQ(round(0x3f808001), 0x3f81);
  EXPECT_EQ(round(0x7f7fffff), 0x7f80); // above every bfloat16
  EXPECT_EQ(round(0xff800000), 0xff80);
  EXPECT_EQ(round(0x7f800001) & 0x7fff, 0x7fc0); // a NaN stays one
}

TEST(Float16, IsRoundedToNearestEven) {
  const auto &half = llvm::APFloat::IEEEhalf();
  for (uint32_t low = 0; low < 0x7c00; ++low) {
    float value = llvm::APFloat(half, llvm::APInt(16, low)).convertToFloat();
    float next = llvm::APFloat(half, llvm::APInt(16, low + 1)).convertToFloat();
    EXPECT_EQ(gemma::fromFloat16(low), value);
    EXPECT_EQ(gemma::fromFloat16(low | 0x8000), -value);
    if (low == 0x7bff)
      next = 65536; // from where on numbers would be infinite anyway
    float tie = value + (next - value) / 2;
    EXPECT_EQ(gemma::toFloat16(value), low);
    EXPECT_EQ(gemma::toFloat16(std::nextafter(tie, value)), low);
    EXPECT_EQ(gemma::toFloat16(-tie), (low + low % 2) | 0x8000);
    EXPECT_EQ(gemma::toFloat16(std::nextafter(tie, next)), low + 1);
  }
  EXPECT_EQ(gemma::toFloat16(-INFINITY), 0xfc00);
  EXPECT_EQ(gemma::fromFloat16(0xfc00), -INFINITY);
  EXPECT_EQ(gemma::toFloat16(NAN), 0x7e00);
  EXPECT_TRUE(std::isnan(gemma::fromFloat16(0x7e00)));
}

TEST(QuantizedGroup, IsRoundedHalfAwayFromZero) {
  const float group[] = {127, 0.5, -0.5, 2.5, -3.5, 0x1.fffffep-2f, 126.5};
  const float expected[] = {127, 1, -1, 3, -4, 0, 127};
  float integers[std::size(group)];
  EXPECT_EQ(gemma::quantizeWeightGroup(group, 8, integers), 1);
  EXPECT_THAT(integers, testing::ElementsAreArray(expected));
}

} // namespace
