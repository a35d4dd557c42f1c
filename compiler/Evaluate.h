//===- Evaluate.h - Files and tests around the evaluator --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `lapidary-translate --evaluate` does: whole models from tensors in
// files, and functions that bring their own numbers, as tests write them.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_COMPILER_EVALUATE_H
#define LAPIDARY_COMPILER_EVALUATE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <string>

namespace lapidary {

struct EvaluateOptions {
  /// Where relative file names of parameters start; empty for the working
  /// directory.
  std::string sourceDirectory;
  /// Tokens of each sequence in a step, 0 for all at once.
  int64_t stepSize = 0;
};

/// Calls the model on the `input_ids` [B, T] of the safetensors file `input`;
/// where its `attention_mask` [B, T] is 0 there is no token. Writes a
/// safetensors file: what the function `text` makes as `logits` [B, T, V], zero
/// where there is no token, or what `embed` makes as `embedding` [B, W].
llvm::Error evaluateModel(mlir::ModuleOp module, llvm::StringRef input,
                          const EvaluateOptions &options,
                          llvm::raw_ostream &stream);

/// Calls each function of `module` in turn, or only `entry` unless it is empty,
/// and prints what it returns, a row of numbers in a line. The functions take
/// no tensors; attributes of an argument say what its `!gemma.batch` is:
///
///     %batch: !gemma.batch {gemma.rows = [[sequence, position], ...],
///                           gemma.wanted = [row, ...]}
llvm::Error evaluateFunctions(mlir::ModuleOp module, llvm::StringRef entry,
                              const EvaluateOptions &options,
                              llvm::raw_ostream &stream);

} // namespace lapidary

#endif // LAPIDARY_COMPILER_EVALUATE_H
