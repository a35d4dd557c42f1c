//===- Packing.cpp - Rows of a weight into panels ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/Packing.h"
#include "dialects/gemma/Quantization.h"
#include "dialects/kernel/Layouts.h"

#include <cmath>
#include <cstring>

using namespace lapidary;
using namespace lapidary::kernel;
using llvm::MutableArrayRef;

/// A panel's rows in float32, padded with zeros: [16][padded columns].
static std::vector<float> computeRows(const WeightRecipe &recipe,
                                      WeightType type, int64_t panel) {
  int64_t width = padded(type.getColumns());
  std::vector<float> rows(kPanelRows * width);
  int64_t first = panel / panelCount(type) * type.getRows();
  for (int64_t lane = 0; lane < kPanelRows; ++lane) {
    int64_t row = panel % panelCount(type) * kPanelRows + lane;
    if (row < type.getRows())
      recipe.computeRow(first + row, {rows.data() + lane * width,
                                      static_cast<size_t>(type.getColumns())});
  }
  return rows;
}

static void packFloats(llvm::ArrayRef<float> rows, int64_t width, char *out) {
  for (int64_t column = 0; column < width; ++column)
    for (int64_t lane = 0; lane < kPanelRows; ++lane, out += 4)
      std::memcpy(out, &rows[lane * width + column], 4);
}

static void packPairs(llvm::ArrayRef<float> rows, int64_t width, char *out) {
  for (int64_t column = 0; column < width; column += 2)
    for (int64_t lane = 0; lane < kPanelRows; ++lane)
      for (int64_t i = 0; i < 2; ++i, out += 2) {
        uint16_t bits = toBFloat16(rows[lane * width + column + i]);
        std::memcpy(out, &bits, 2);
      }
}

/// Quantizes 32 floats to integers; returns the scale as float16.
static uint16_t quantizeGroup(llvm::ArrayRef<float> values, int64_t bits,
                              int8_t *integers) {
  float group[kGroup];
  float scale = gemma::quantizeWeightGroup(values, bits, group);
  for (int64_t i = 0; i < kGroup; ++i)
    integers[i] = static_cast<int8_t>(group[i]);
  return gemma::toFloat16(scale);
}

/// Quantizes a panel: integers [16][width], scales [width / 32][16] as float16.
static void quantizePanel(llvm::ArrayRef<float> rows, int64_t width,
                          int64_t bits, std::vector<int8_t> &integers,
                          std::vector<uint16_t> &scales) {
  integers.resize(rows.size());
  scales.resize(rows.size() / kGroup);
  for (int64_t lane = 0; lane < kPanelRows; ++lane)
    for (int64_t start = lane * width; start < (lane + 1) * width;
         start += kGroup)
      scales[(start - lane * width) / kGroup * kPanelRows + lane] =
          quantizeGroup(rows.slice(start, kGroup), bits, &integers[start]);
}

static void packBytes(llvm::ArrayRef<int8_t> integers, int64_t width,
                      int64_t column, char *out) {
  for (int64_t quad = 0; quad < 16; ++quad)
    for (int64_t lane = 0; lane < kPanelRows; ++lane)
      for (int64_t i = 0; i < 4; ++i)
        *out++ = static_cast<char>(
            integers[lane * width + column + 4 * quad + i] + 128);
}

static void packNibbles(llvm::ArrayRef<int8_t> integers, int64_t width,
                        int64_t column, char *out) {
  for (int64_t octet = 0; octet < 8; ++octet)
    for (int64_t lane = 0; lane < kPanelRows; ++lane)
      for (int64_t i = 0; i < 4; ++i) {
        const int8_t *first = &integers[lane * width + column + 8 * octet + i];
        *out++ = static_cast<char>((first[0] + 8) | (first[4] + 8) << 4);
      }
}

/// The upper halves of bytes, as nibbles of their own.
static void keepUpper(std::vector<int8_t> &integers) {
  for (int8_t &integer : integers)
    integer = static_cast<int8_t>((integer + 128) / 16 - 8);
}

static void packIntegers(llvm::ArrayRef<float> rows, int64_t width,
                         WeightFormat format, char *out) {
  std::vector<int8_t> integers;
  std::vector<uint16_t> scales;
  bool nibbles = format != WeightFormat::Int8;
  quantizePanel(rows, width, format == WeightFormat::Int4 ? 4 : 8, integers,
                scales);
  if (format == WeightFormat::Planes)
    keepUpper(integers);
  for (int64_t column = 0; column < width; column += 64) {
    (nibbles ? packNibbles : packBytes)(integers, width, column, out);
    std::memcpy(out + blockBytes(format) - 64,
                &scales[column / kGroup * kPanelRows], 64);
    out += blockBytes(format);
  }
}

void lapidary::packPanel(const WeightRecipe &recipe, WeightType type,
                         int64_t panel, MutableArrayRef<char> out) {
  std::vector<float> rows = computeRows(recipe, type, panel);
  int64_t width = padded(type.getColumns());
  switch (type.getFormat()) {
  case WeightFormat::F32:
    return packFloats(rows, width, out.data());
  case WeightFormat::BF16:
    return packPairs(rows, width, out.data());
  case WeightFormat::Int8:
  case WeightFormat::Int4:
  case WeightFormat::Planes:
    return packIntegers(rows, width, type.getFormat(), out.data());
  }
}

/// The lower half of a byte as it is stored.
static int lowerHalf(int8_t integer) { return (integer + 128) % 16; }

/// A bound of the Euclidean norm of what the upper plane leaves of a row.
static float restNorm(llvm::ArrayRef<int8_t> integers,
                      llvm::ArrayRef<float> scales) {
  double sum = 0;
  for (auto [column, integer] : llvm::enumerate(integers)) {
    double rest = (lowerHalf(integer) - 8) * double(scales[column / kGroup]);
    sum += rest * rest;
  }
  // More than the sum and the root are rounded by.
  return std::nextafter(static_cast<float>(std::sqrt(sum) * (1 + 1e-9)),
                        std::numeric_limits<float>::infinity());
}

void lapidary::packLowerPanel(const WeightRecipe &recipe, WeightType type,
                              int64_t panel, MutableArrayRef<char> out,
                              MutableArrayRef<float> norms) {
  int64_t width = padded(type.getColumns()), groups = groupCount(type);
  std::vector<int8_t> integers;
  std::vector<uint16_t> scales;
  quantizePanel(computeRows(recipe, type, panel), width, 8, integers, scales);
  llvm::fill(out, 0);
  for (int64_t lane = 0; lane < kPanelRows; ++lane) {
    llvm::ArrayRef<int8_t> row(&integers[lane * width], width);
    for (auto [column, integer] : llvm::enumerate(row)) {
      int64_t inTile = column % kTileColumns;
      char &byte =
          out[column / kTileColumns * kTileBytes + lane * 64 + inTile % 64];
      byte |= static_cast<char>(lowerHalf(integer) << (inTile < 64 ? 0 : 4));
    }
    char *ownScales =
        out.data() + lowerTiles(type) * kTileBytes + lane * groups * 2;
    std::vector<float> factors;
    for (int64_t group = 0; group < groups; ++group) {
      uint16_t scale = scales[group * kPanelRows + lane];
      std::memcpy(ownScales + 2 * group, &scale, 2);
      factors.push_back(gemma::fromFloat16(scale));
    }
    norms[lane] = restNorm(row, factors);
  }
}

void lapidary::packTableRow(const WeightRecipe &recipe, TableType type,
                            int64_t row, MutableArrayRef<char> out) {
  int64_t width = padded(type.getColumns());
  std::vector<float> values(width);
  recipe.computeRow(row,
                    {values.data(), static_cast<size_t>(type.getColumns())});
  if (type.getFormat() == WeightFormat::F32) {
    std::memcpy(out.data(), values.data(), width * sizeof(float));
    return;
  }
  if (type.getFormat() == WeightFormat::BF16) {
    for (auto [column, value] : llvm::enumerate(values)) {
      uint16_t bits = toBFloat16(value);
      std::memcpy(out.data() + 2 * column, &bits, 2);
    }
    return;
  }
  bool nibbles = type.getFormat() == WeightFormat::Int4;
  char *bytes = out.data(), *scales = out.data() + tableScales(type);
  for (int64_t start = 0; start < width; start += kGroup, scales += 2) {
    int8_t integers[kGroup];
    uint16_t scale =
        quantizeGroup({&values[start], static_cast<size_t>(kGroup)},
                      nibbles ? 4 : 8, integers);
    std::memcpy(scales, &scale, 2);
    if (!nibbles) {
      std::memcpy(bytes, integers, kGroup);
      bytes += kGroup;
      continue;
    }
    for (int64_t i = 0; i < kGroup / 2; ++i)
      *bytes++ = static_cast<char>((integers[i] + 8) |
                                   (integers[kGroup / 2 + i] + 8) << 4);
  }
}

void lapidary::packVector(const WeightRecipe &recipe, VectorType type,
                          MutableArrayRef<char> out) {
  std::vector<float> values(padded(type.getWidth()));
  recipe.computeRow(0, {values.data(), static_cast<size_t>(type.getWidth())});
  std::memcpy(out.data(), values.data(), out.size());
}

void lapidary::packRopeFrequencies(float base, float factor, int64_t pairs,
                                   VectorType type, MutableArrayRef<char> out) {
  std::vector<float> values(padded(type.getWidth()));
  for (int64_t j = 0; j < pairs; ++j) {
    float exponent = static_cast<float>(2 * j) / (2 * type.getWidth());
    float power = static_cast<float>(std::pow(double(base), double(exponent)));
    values[j] = 1.0f / power / factor;
  }
  std::memcpy(out.data(), values.data(), out.size());
}
