//===- Quantization.cpp - Rounding to narrower formats ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/gemma/Quantization.h"

#include "dialects/gemma/Gemma.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace llvm;
using namespace lapidary;

float gemma::roundTo(const fltSemantics &semantics, float value) {
  APFloat rounded(value);
  bool losesInfo;
  rounded.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return rounded.convertToFloat();
}

int64_t gemma::countGroups(int64_t width) {
  return divideCeil(width, kActivationGroup);
}

/// What float32 adds to the exponents of float16.
static constexpr uint32_t kFloat16Bias = 112 << 23;

uint16_t gemma::toFloat16(float value) {
  constexpr uint32_t infinity = 0x7f800000, overflow = 0x477ff000,
                     leastNormal = kFloat16Bias + (1 << 23);
  auto bits = llvm::bit_cast<uint32_t>(value);
  uint32_t sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  if (bits >= overflow)
    return sign | (bits > infinity ? 0x7e00 : 0x7c00);
  // The last place of 0.5 is the least float16.
  if (bits < leastNormal)
    return sign | (llvm::bit_cast<uint32_t>(std::abs(value) + 0.5f) -
                   llvm::bit_cast<uint32_t>(0.5f));
  return sign | (bits - kFloat16Bias + 0xfff + (bits >> 13 & 1)) >> 13;
}

float gemma::fromFloat16(uint16_t bits) {
  uint32_t sign = (bits & 0x8000) << 16, magnitude = (bits & 0x7fff) << 13;
  if ((bits & 0x7c00) == 0x7c00)
    return llvm::bit_cast<float>(sign | 0x7f800000 | magnitude);
  return llvm::bit_cast<float>(sign | magnitude) * 0x1p112f;
}

/// The first element of largest magnitude; magnitudes are ordered as their bits
/// are, which is quicker.
static float findExtreme(ArrayRef<float> group) {
  auto magnitude = [](float value) {
    return llvm::bit_cast<int32_t>(value) & 0x7fffffff;
  };
  int32_t largest = 0;
  for (float value : group)
    largest = std::max(largest, magnitude(value));
  return *llvm::find_if(
      group, [&](float value) { return magnitude(value) == largest; });
}

/// Half away from zero, as std::round, for what an int32 holds.
static float roundHalfAway(float value) {
  constexpr float belowHalf = 0x1.fffffep-2f;
  return static_cast<int32_t>(value + std::copysign(belowHalf, value));
}

float gemma::quantizeWeightGroup(ArrayRef<float> group, int64_t bits,
                                 MutableArrayRef<float> integers) {
  float extreme = findExtreme(group);
  float exact = bits == 4 ? extreme / -8.0f : std::abs(extreme) / 127.0f;
  float least = bits == 4 ? -8.0f : -127.0f;
  float most = bits == 4 ? 7.0f : 127.0f;
  float scale = fromFloat16(toFloat16(exact));
  if (scale == 0) {
    llvm::fill(integers, 0.0f);
    return scale;
  }
  for (size_t i = 0; i < group.size(); ++i)
    integers[i] = roundHalfAway(std::clamp(group[i] / scale, least, most));
  return scale;
}

float gemma::quantizeActivationGroup(ArrayRef<float> group,
                                     MutableArrayRef<float> integers) {
  float scale = std::abs(findExtreme(group)) / 127.0f;
  for (auto [integer, value] : llvm::zip_equal(integers, group))
    integer = scale == 0 ? 0 : std::nearbyint(value / scale);
  return scale;
}
