//===- Passes.h - Passes that make a plan -----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_PASSES_PLANNING_PASSES_H
#define LAPIDARY_PASSES_PLANNING_PASSES_H

#include "dialects/plan/Plan.h"

#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassOptions.h"

namespace lapidary {

#define GEN_PASS_DECL
#include "passes/planning/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/planning/Passes.h.inc"

/// From the fused and quantized model to a program with all places known.
void addPlanningPipeline(mlir::OpPassManager &pm,
                         const LowerToPlanPassOptions &options);

/// Makes the pipeline available as `--plan-pipeline`.
void registerPlanningPipeline();

} // namespace lapidary

#endif // LAPIDARY_PASSES_PLANNING_PASSES_H
