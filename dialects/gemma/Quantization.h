//===- Quantization.h - Rounding to narrower formats ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rules of `gemma.convert` and of products in int8, number by number. The
// evaluator and whoever packs weights share them, so that both see the same.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_DIALECTS_GEMMA_QUANTIZATION_H
#define LAPIDARY_DIALECTS_GEMMA_QUANTIZATION_H

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/ArrayRef.h"

namespace lapidary::gemma {

/// `value` rounded to the format `semantics`, to nearest, ties to even.
float roundTo(const llvm::fltSemantics &semantics, float value);

/// Bits of the float16 that is nearest to `value`, ties to even.
uint16_t toFloat16(float value);

/// The number that the float16 `bits` stand for.
float fromFloat16(uint16_t bits);

/// Number of groups of columns that a quantized row of `width` columns has.
int64_t countGroups(int64_t width);

/// Quantizes one group of a weight's row to integers of `bits` bits and returns
/// their scale, a float16.
float quantizeWeightGroup(llvm::ArrayRef<float> group, int64_t bits,
                          llvm::MutableArrayRef<float> integers);

/// Quantizes one group of an activation row for a product in int8 and returns
/// the scale.
float quantizeActivationGroup(llvm::ArrayRef<float> group,
                              llvm::MutableArrayRef<float> integers);

} // namespace lapidary::gemma

#endif // LAPIDARY_DIALECTS_GEMMA_QUANTIZATION_H
