//===- Pipeline.cpp - The order of the stage simplify -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/simplify/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace lapidary;

void lapidary::addSimplifyPipeline(OpPassManager &pm,
                                   const SimplifyPipelineOptions &options) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  // The scale must be in the embedding before it can be rounded there.
  function.addPass(createFoldEmbeddingScalePass());
  if (options.roundEmbeddingScale)
    function.addPass(createRoundEmbeddingScalePass());
  function.addPass(createFoldNormOffsetPass());
  function.addPass(createCanonicalizerPass());
  // Later stages recognize a shared weight or table by its being one value.
  function.addPass(createCSEPass());
  // What one operation computes for two readers is one value by now.
  pm.addPass(createDeriveKeysPass());
  pm.nest<func::FuncOp>().addPass(createSelectEarlyPass());
  // Last, when all uses that can go are gone.
  pm.addPass(createSymbolDCEPass());
}

void lapidary::registerSimplifyPipeline() {
  PassPipelineRegistration<SimplifyPipelineOptions>(
      "gemma-simplify-pipeline",
      "Fold scales and norms, compute and keep nothing in vain",
      addSimplifyPipeline);
}
