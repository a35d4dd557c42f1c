//===- Quantization.cpp - Rounding to narrower formats ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/gemma/Quantization.h"

#include "dialects/gemma/Gemma.h"

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

/// The first element of largest magnitude.
static float findExtreme(ArrayRef<float> group) {
  return *llvm::max_element(
      group, [](float a, float b) { return std::abs(a) < std::abs(b); });
}

float gemma::quantizeWeightGroup(ArrayRef<float> group, int64_t bits,
                                 MutableArrayRef<float> integers) {
  float extreme = findExtreme(group);
  float exact = bits == 4 ? extreme / -8.0f : std::abs(extreme) / 127.0f;
  float least = bits == 4 ? -8.0f : -127.0f;
  float most = bits == 4 ? 7.0f : 127.0f;
  float scale = roundTo(APFloat::IEEEhalf(), exact);
  for (auto [integer, value] : llvm::zip_equal(integers, group))
    integer =
        scale == 0 ? 0 : std::clamp(std::round(value / scale), least, most);
  return scale;
}

float gemma::quantizeActivationGroup(ArrayRef<float> group,
                                     MutableArrayRef<float> integers) {
  float scale = std::abs(findExtreme(group)) / 127.0f;
  for (auto [integer, value] : llvm::zip_equal(integers, group))
    integer = scale == 0 ? 0 : std::nearbyint(value / scale);
  return scale;
}
