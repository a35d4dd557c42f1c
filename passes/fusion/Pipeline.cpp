//===- Pipeline.cpp - The order of the stage fusion -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/fusion/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace lapidary;

void lapidary::addFusionPipeline(OpPassManager &pm) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  // Shared inputs and tables are recognized by being one value.
  function.addPass(createCSEPass());
  // First the products that join several others, which must still be plain.
  function.addPass(createFuseQkvPass());
  function.addPass(createFuseGatedMlpPass());
  // Then what goes around products, of which fewer are left to repeat a norm.
  function.addPass(createFuseNormProloguePass());
  function.addPass(createFuseSoftcapPass());
  function.addPass(createFuseResidualPass());
}

void lapidary::registerFusionPipeline() {
  PassPipelineRegistration<>(
      "gemma-fusion-pipeline",
      "Join operations so that each row of activations is read once",
      addFusionPipeline);
}
