//===- Pipeline.cpp - The order of the stage quantization -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/quantization/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace lapidary;

void lapidary::addQuantizationPipeline(
    OpPassManager &pm, const QuantizationPipelineOptions &options) {
  pm.addNestedPass<func::FuncOp>(createCSEPass());
  pm.addPass(createQuantizeWeightsPass({options.scheme, options.head}));
  // A weight narrowed to the format it was widened from is the stored one.
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
}

void lapidary::registerQuantizationPipeline() {
  PassPipelineRegistration<QuantizationPipelineOptions>(
      "gemma-quantization-pipeline",
      "Choose the formats of weights and products", addQuantizationPipeline);
}
