//===- Passes.h - Passes of the stage fusion --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rewrites that join operations of the gemma dialect into one that reads its
// rows once. They change neither numbers nor the order of cache accesses.
#ifndef LAPIDARY_PASSES_FUSION_PASSES_H
#define LAPIDARY_PASSES_FUSION_PASSES_H

#include "dialects/gemma/Gemma.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace lapidary {

#define GEN_PASS_DECL
#include "passes/fusion/Passes.h.inc"

/// Adds all passes of the stage to `pm`, which runs on modules.
void addFusionPipeline(mlir::OpPassManager &pm);

/// Makes the pipeline known by its flag.
void registerFusionPipeline();

#define GEN_PASS_REGISTRATION
#include "passes/fusion/Passes.h.inc"

} // namespace lapidary

#endif // LAPIDARY_PASSES_FUSION_PASSES_H
