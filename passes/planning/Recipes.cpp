//===- Recipes.cpp - Which weights are the same -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/planning/Recipes.h"

#include "mlir/IR/Operation.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

std::string lapidary::recipeOf(Value weight) {
  Operation *op = weight.getDefiningOp();
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << op->getName() << op->getAttrDictionary();
  for (Value operand : op->getOperands())
    stream << '(' << recipeOf(operand) << ')';
  stream << weight.getType();
  return text;
}
