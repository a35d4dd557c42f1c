//===- Packing.h - Rows of a weight into panels -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the layouts of dialects/kernel/Layouts.h.
#ifndef LAPIDARY_COMPILER_PACKING_H
#define LAPIDARY_COMPILER_PACKING_H

#include "compiler/WeightRecipe.h"
#include "dialects/kernel/Kernel.h"

namespace lapidary {

/// Fills `out`, `kernel::panelBytes(type)` long, with panel `panel` of
/// `recipe`, counted over all matrices of a stack. Rows and columns beyond the
/// weight's own become zero.
void packPanel(const WeightRecipe &recipe, kernel::WeightType type,
               int64_t panel, llvm::MutableArrayRef<char> out);

/// Fills `out`, `kernel::lowerPanelBytes(type)` long, with what the lower plane
/// has of panel `panel`, and `norms` with those of its rows.
void packLowerPanel(const WeightRecipe &recipe, kernel::WeightType type,
                    int64_t panel, llvm::MutableArrayRef<char> out,
                    llvm::MutableArrayRef<float> norms);

/// Fills `out`, `kernel::tableStride(type)` long, with row `row` of `recipe`.
void packTableRow(const WeightRecipe &recipe, kernel::TableType type,
                  int64_t row, llvm::MutableArrayRef<char> out);

/// Fills `out`, `kernel::vectorBytes(type)` long, with the vector and zeros.
void packVector(const WeightRecipe &recipe, kernel::VectorType type,
                llvm::MutableArrayRef<char> out);

/// The frequencies of `plan.rope_frequencies`, computed as the reference does.
void packRopeFrequencies(float base, float factor, int64_t pairs,
                         kernel::VectorType type,
                         llvm::MutableArrayRef<char> out);

} // namespace lapidary

#endif // LAPIDARY_COMPILER_PACKING_H
