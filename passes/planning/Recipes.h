//===- Recipes.h - Which weights are the same -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_PASSES_PLANNING_RECIPES_H
#define LAPIDARY_PASSES_PLANNING_RECIPES_H

#include "mlir/IR/Value.h"
#include <string>

namespace lapidary {

/// What `weight` is made of, down to parameters: the same text for the same
/// numbers, in whichever function they stand.
std::string recipeOf(mlir::Value weight);

} // namespace lapidary

#endif // LAPIDARY_PASSES_PLANNING_RECIPES_H
