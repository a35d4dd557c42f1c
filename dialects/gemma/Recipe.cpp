//===- Recipe.cpp - Which weights are the same ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/gemma/Recipe.h"

#include "mlir/IR/Operation.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

std::string lapidary::gemma::recipeOf(Value weight) {
  Operation *op = weight.getDefiningOp();
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (!op) {
    stream << weight.getAsOpaquePointer();
    return text;
  }
  stream << op->getName() << op->getAttrDictionary();
  for (Value operand : op->getOperands())
    stream << '(' << recipeOf(operand) << ')';
  stream << weight.getType();
  return text;
}
