//===- Recipe.h - Which weights are the same --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_DIALECTS_GEMMA_RECIPE_H
#define LAPIDARY_DIALECTS_GEMMA_RECIPE_H

#include "mlir/IR/Value.h"
#include <string>

namespace lapidary::gemma {

/// What `weight` is made of, down to parameters: the same text for the same
/// numbers, in whichever function they stand. Arguments are like themselves
/// alone.
std::string recipeOf(mlir::Value weight);

} // namespace lapidary::gemma

#endif // LAPIDARY_DIALECTS_GEMMA_RECIPE_H
