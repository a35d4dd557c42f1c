//===- Pipeline.cpp - The order of planning ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/planning/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void lapidary::addPlanningPipeline(OpPassManager &pm,
                                   const LowerToPlanPassOptions &options) {
  pm.addPass(createLowerToPlanPass(options));
  // A table that embeds and is the head too is packed once.
  pm.addPass(createCSEPass());
  // Before buffers are placed, of which it removes some.
  pm.addPass(createMergeRowsPass());
  pm.addPass(createAddLimitsPass());
  pm.addNestedPass<plan::ProgramOp>(createPlaceBuffersPass());
  pm.addPass(createPlaceWeightsPass());
}

namespace {
struct PlanningOptions : PassPipelineOptions<PlanningOptions> {
  PassOptions::Option<std::string> kv{
      *this, "kv", llvm::cl::init("bf16"),
      llvm::cl::desc("format of keys and values")};
};
} // namespace

void lapidary::registerPlanningPipeline() {
  PassPipelineRegistration<PlanningOptions>(
      "plan-pipeline", "From the fused and quantized model to a placed program",
      [](OpPassManager &pm, const PlanningOptions &options) {
        LowerToPlanPassOptions lower;
        lower.kv = options.kv;
        addPlanningPipeline(pm, lower);
      });
}
