//===- Passes.h - Passes of the stage simplify ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rewrites that leave fewer operations and the same numbers.
#ifndef LAPIDARY_PASSES_SIMPLIFY_PASSES_H
#define LAPIDARY_PASSES_SIMPLIFY_PASSES_H

#include "dialects/gemma/Gemma.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassOptions.h"

namespace lapidary {

#define GEN_PASS_DECL
#include "passes/simplify/Passes.h.inc"

/// Options of `--gemma-simplify-pipeline`.
struct SimplifyPipelineOptions
    : mlir::PassPipelineOptions<SimplifyPipelineOptions> {
  Option<bool> roundEmbeddingScale{
      *this, "round-embedding-scale",
      llvm::cl::desc("Round embedding scales to the type of the table, as the "
                     "models were trained; off for float32 artifacts"),
      llvm::cl::init(false)};
};

/// Adds all passes of the stage to `pm`, which runs on modules.
void addSimplifyPipeline(mlir::OpPassManager &pm,
                         const SimplifyPipelineOptions &options);

/// Makes the pipeline known by its flag.
void registerSimplifyPipeline();

#define GEN_PASS_REGISTRATION
#include "passes/simplify/Passes.h.inc"

} // namespace lapidary

#endif // LAPIDARY_PASSES_SIMPLIFY_PASSES_H
