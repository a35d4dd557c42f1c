//===- Pipeline.cpp - The order of the stage quantization -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/quantization/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace lapidary;

void lapidary::addQuantizationPipeline(
    OpPassManager &pm, const QuantizationPipelineOptions &options) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  // A table is known to be the head's by being one value.
  function.addPass(createCSEPass());
  function.addPass(createQuantizeWeightsPass({options.scheme, options.head}));
  // A weight narrowed to the format it was widened from is the stored one.
  function.addPass(createCanonicalizerPass());
}

void lapidary::registerQuantizationPipeline() {
  PassPipelineRegistration<QuantizationPipelineOptions>(
      "gemma-quantization-pipeline",
      "Choose the formats of weights and products", addQuantizationPipeline);
}
