//===- Evaluator.h - The reference evaluator --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs functions of the gemma dialect from the formulas of its operations, in
// float32, slowly. It is the oracle: a pass or a target is right when it gives
// what this gives.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_DIALECTS_GEMMA_EVALUATOR_H
#define LAPIDARY_DIALECTS_GEMMA_EVALUATOR_H

#include "dialects/gemma/Formulas.h"
#include "dialects/gemma/Tensor.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace lapidary::gemma {

/// Evaluates the functions of one module. Weights are read and converted once;
/// what `gemma.append` wrote stays for the calls that follow.
class Evaluator {
public:
  /// Opens the files that the parameters of `module` refer to; their names are
  /// relative to `sourceDirectory`. The module outlives the evaluator and does
  /// not change. Fails when a file is missing or too short.
  static llvm::Expected<std::unique_ptr<Evaluator>>
  create(mlir::ModuleOp module, llvm::StringRef sourceDirectory);

  Evaluator(const Evaluator &) = delete;
  Evaluator &operator=(const Evaluator &) = delete;

  /// Calls the function `text`: tokens of one or several sequences, one for
  /// each row of `batch`, give the logits of the rows that are wanted. Each
  /// sequence continues where its last step ended, or earlier.
  llvm::Expected<Tensor> step(llvm::ArrayRef<int32_t> tokens,
                              const Batch &batch);

  /// Calls any function. `inputs` are its tensors in order; `batch` stands for
  /// all of its arguments of `!gemma.batch`.
  llvm::Expected<std::vector<Tensor>> call(llvm::StringRef function,
                                           llvm::ArrayRef<Tensor> inputs,
                                           const Batch &batch);

private:
  class Frame;
  using SharedTensor = std::shared_ptr<const Tensor>;

  explicit Evaluator(mlir::ModuleOp module) : module(module) {}

  llvm::Error open(ParamOp param, llvm::StringRef sourceDirectory);
  SharedTensor readParam(llvm::StringRef name);

  mlir::ModuleOp module;
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> files;
  llvm::StringMap<SharedTensor> params;
  /// Values that are the same in every step.
  llvm::DenseMap<mlir::Value, SharedTensor> weights;
  llvm::StringMap<Cache> caches;
  llvm::StringMap<State> states;
};

} // namespace lapidary::gemma

#endif // LAPIDARY_DIALECTS_GEMMA_EVALUATOR_H
