//===- amx_emulator_test.cpp - Emulated tiles against scalar loops --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// On a processor that has AMX this tests the processor itself.
#include "test/targets/cpu/x86/amx_emulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <immintrin.h>
#include <limits>
#include <random>
#include <vector>

namespace {

[[maybe_unused]] const bool emulated = (emulate_amx(), true);

struct alignas(64) Configuration {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t columns[16] = {};
  uint8_t rows[16] = {};

  void shape(int tile, int tile_rows, int tile_columns) {
    rows[tile] = tile_rows;
    columns[tile] = tile_columns;
  }
};

/// Sums in tile 0, `rows` x `outputs` of 32 bits; factors in tiles 1 and 2,
/// `depth` groups of 32 bits to sum over.
struct Shape {
  int rows = 16, outputs = 16, depth = 16;

  void configure() const {
    Configuration configuration;
    configuration.shape(0, rows, 4 * outputs);
    configuration.shape(1, rows, 4 * depth);
    configuration.shape(2, depth, 4 * outputs);
    _tile_loadconfig(&configuration);
  }
};

constexpr Shape shapes[] = {{16, 16, 16}, {16, 16, 8}, {5, 16, 16}, {3, 7, 2}};

enum class Product { ss, su, us, uu };

void multiply_bytes(Product product) {
  switch (product) {
  case Product::ss:
    return _tile_dpbssd(0, 1, 2);
  case Product::su:
    return _tile_dpbsud(0, 1, 2);
  case Product::us:
    return _tile_dpbusd(0, 1, 2);
  case Product::uu:
    return _tile_dpbuud(0, 1, 2);
  }
}

std::vector<int32_t> products(const Shape &shape, Product product,
                              const std::vector<uint8_t> &left,
                              const std::vector<uint8_t> &right,
                              std::vector<int32_t> sums) {
  shape.configure();
  _tile_loadd(0, sums.data(), 4 * shape.outputs);
  _tile_stream_loadd(1, left.data(), 4 * shape.depth);
  _tile_loadd(2, right.data(), 4 * shape.outputs);
  multiply_bytes(product);
  _tile_stored(0, sums.data(), 4 * shape.outputs);
  _tile_release();
  return sums;
}

std::vector<float> products(const Shape &shape,
                            const std::vector<uint16_t> &left,
                            const std::vector<uint16_t> &right,
                            std::vector<float> sums) {
  shape.configure();
  _tile_loadd(0, sums.data(), 4 * shape.outputs);
  _tile_loadd(1, left.data(), 4 * shape.depth);
  _tile_loadd(2, right.data(), 4 * shape.outputs);
  _tile_dpbf16ps(0, 1, 2);
  _tile_stored(0, sums.data(), 4 * shape.outputs);
  _tile_release();
  return sums;
}

float widen(uint16_t bf16) {
  return std::bit_cast<float>(uint32_t{bf16} << 16);
}

uint16_t bfloat16(float value) { return std::bit_cast<uint32_t>(value) >> 16; }

int32_t byte_value(uint8_t byte, bool is_signed) {
  return is_signed ? static_cast<int8_t>(byte) : byte;
}

/// Lane `i` of group `k` of output `n` in a right factor.
size_t right_index(const Shape &shape, int k, int n, int i, int group) {
  return (size_t(k) * shape.outputs + n) * group + i;
}

int32_t expected_sum(const Shape &shape, Product product,
                     const std::vector<uint8_t> &left,
                     const std::vector<uint8_t> &right, int row, int output) {
  bool left_signed = product == Product::ss || product == Product::su;
  bool right_signed = product == Product::ss || product == Product::us;
  int32_t sum = 0;
  for (int k = 0; k < shape.depth; ++k)
    for (int i = 0; i < 4; ++i)
      sum +=
          byte_value(left[4 * (row * shape.depth + k) + i], left_signed) *
          byte_value(right[right_index(shape, k, output, i, 4)], right_signed);
  return sum;
}

float expected_sum(const Shape &shape, const std::vector<uint16_t> &left,
                   const std::vector<uint16_t> &right, int row, int output) {
  float sums[2] = {};
  for (int k = 0; k < shape.depth; ++k)
    for (int i = 0; i < 2; ++i)
      sums[i] =
          std::fma(widen(left[2 * (row * shape.depth + k) + i]),
                   widen(right[right_index(shape, k, output, i, 2)]), sums[i]);
  return sums[0] + sums[1];
}

} // namespace

TEST(AmxEmulator, MultipliesBytesExactlyWhateverTheirSigns) {
  std::mt19937 random(1);
  for (Product product : {Product::ss, Product::su, Product::us, Product::uu})
    for (const Shape &shape : shapes) {
      std::vector<uint8_t> left(4 * shape.rows * shape.depth);
      std::vector<uint8_t> right(4 * shape.depth * shape.outputs);
      std::vector<int32_t> before(shape.rows * shape.outputs);
      for (auto *bytes : {&left, &right})
        for (uint8_t &byte : *bytes)
          byte = random();
      for (int32_t &sum : before)
        sum = static_cast<int16_t>(random());
      auto after = products(shape, product, left, right, before);
      for (int row = 0; row < shape.rows; ++row)
        for (int n = 0; n < shape.outputs; ++n) {
          size_t at = size_t(row) * shape.outputs + n;
          EXPECT_EQ(after[at] - before[at],
                    expected_sum(shape, product, left, right, row, n));
        }
    }
}

TEST(AmxEmulator, SumsEvenAndOddColumnsOfBfloat16Apart) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  for (const Shape &shape : shapes) {
    std::vector<uint16_t> left(2 * shape.rows * shape.depth);
    std::vector<uint16_t> right(2 * shape.depth * shape.outputs);
    std::vector<float> before(shape.rows * shape.outputs);
    for (auto *values : {&left, &right})
      for (uint16_t &value : *values)
        value = bfloat16(normal(random));
    for (float &sum : before)
      sum = normal(random);
    auto after = products(shape, left, right, before);
    for (int row = 0; row < shape.rows; ++row)
      for (int n = 0; n < shape.outputs; ++n) {
        size_t at = size_t(row) * shape.outputs + n;
        EXPECT_EQ(after[at],
                  before[at] + expected_sum(shape, left, right, row, n));
      }
  }
}

TEST(AmxEmulator, TakesDenormalsForZero) {
  Shape shape{1, 1, 1};
  float tiny = std::numeric_limits<float>::min();
  uint16_t denormal = 1, one = bfloat16(1), big = bfloat16(0x1p100f);
  // A factor, a product, and what was there before.
  EXPECT_EQ(products(shape, {denormal, 0}, {big, 0}, {0})[0], 0);
  EXPECT_EQ(products(shape, {bfloat16(tiny), 0}, {bfloat16(0.5f), 0}, {0})[0],
            0);
  EXPECT_EQ(products(shape, {one, 0}, {0, 0}, {tiny / 2})[0], 0);
  EXPECT_EQ(products(shape, {one, 0}, {bfloat16(tiny), 0}, {0})[0], tiny);
}

TEST(AmxEmulator, LoadsAndStoresRowsAtAnyStride) {
  std::vector<uint8_t> source(16 * 100), target(16 * 70, 255);
  for (size_t i = 0; i < source.size(); ++i)
    source[i] = i % 251;
  Configuration configuration;
  configuration.shape(7, 9, 20);
  _tile_loadconfig(&configuration);
  _tile_loadd(7, source.data() + 3, 100);
  _tile_stored(7, target.data(), 70);
  _tile_release();
  for (int row = 0; row < 16; ++row)
    for (int i = 0; i < 70; ++i)
      EXPECT_EQ(target[70 * row + i],
                row < 9 && i < 20 ? source[100 * row + i + 3] : 255);
}

TEST(AmxEmulator, ZeroesATile) {
  std::vector<uint8_t> bytes(1024, 7);
  Configuration configuration;
  configuration.shape(3, 16, 64);
  _tile_loadconfig(&configuration);
  _tile_loadd(3, bytes.data(), 64);
  _tile_zero(3);
  _tile_stored(3, bytes.data(), 64);
  _tile_release();
  EXPECT_THAT(bytes, testing::Each(0));
}

TEST(AmxEmulator, TellsItsConfiguration) {
  Configuration wanted, found;
  wanted.shape(2, 4, 8);
  _tile_loadconfig(&wanted);
  _tile_storeconfig(&found);
  EXPECT_EQ(std::memcmp(&wanted, &found, sizeof wanted), 0);
  _tile_release();
  _tile_storeconfig(&found);
  EXPECT_EQ(found.palette, 0);
}

static void multiply_shapes_that_do_not_fit() {
  Configuration configuration;
  configuration.shape(0, 16, 64);
  configuration.shape(1, 16, 32);
  configuration.shape(2, 16, 64);
  _tile_loadconfig(&configuration);
  _tile_dpbssd(0, 1, 2);
}

static void zero_without_configuration() {
  _tile_release();
  _tile_zero(0);
}

TEST(AmxEmulatorDeathTest, FaultsStayFaults) {
  EXPECT_EXIT(multiply_shapes_that_do_not_fit(),
              testing::KilledBySignal(SIGILL), "");
  EXPECT_EXIT(zero_without_configuration(), testing::KilledBySignal(SIGILL),
              "");
  EXPECT_EXIT(__builtin_trap(), testing::KilledBySignal(SIGILL), "");
}
