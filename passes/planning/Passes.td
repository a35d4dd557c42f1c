//===- Passes.td - Passes that make a plan --------------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef PASSES_PLANNING_PASSES_TD
#define PASSES_PLANNING_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerToPlanPass : Pass<"plan-lower-gemma", "::mlir::ModuleOp"> {
  let summary = "Choose kernels and turn the model into a program of dispatches";
  let description = [{
    Replaces each function, fused and quantized, by a `plan.program` and the
    `kernel.func`s that it dispatches; one with attention to the past by two: in
    steps of up to 8 rows the pages of a row's keys are shared out in strands.
    Activations become buffers, heads and other columns of them offsets, weights
    packed layouts whose recipe stays in
    `gemma` operations, caches with one window one `plan.cache`, and all states
    one. A matrix that no function multiplies as a whole becomes a table.

    A kernel is named after what it computes and made once, however many layers
    dispatch it: kernels do not grow with depth. The format of each buffer is
    what its reader multiplies in.

    Declines on operations that have no kernel; on norms with a weight offset,
    which simplification folds; and when what is returned are not rows for the
    wanted ones.
    Example: test/passes/planning/lower-gemma.mlir
  }];
  let options = [
    Option<"kv", "kv", "std::string", "\"bf16\"", "format of keys and values: f32, bf16, int8">,
    Option<"maxRows", "max-rows", "int64_t", "256", "most rows of a step">,
    Option<"blockRows", "block-rows", "int64_t", "16", "most rows that attention takes at once">,
    Option<"pageTokens", "page-tokens", "int64_t", "64", "positions of a KV page">,
  ];
  let dependentDialects = ["::lapidary::kernel::KernelDialect",
                           "::lapidary::plan::PlanDialect"];
}

def MergeRowsPass : Pass<"plan-merge-rows", "::mlir::ModuleOp"> {
  let summary = "Make one row kernel of those that follow each other";
  let description = [{
    Two neighbouring dispatches whose kernels go row by row, with one unit,
    become one: each row passes through both while it is in cache, and a barrier
    is saved. What the first stores in float32 reaches the second as a value, as
    does what both load; a buffer that nobody else reads goes away, unless the
    second reads columns of it. Declines when the second gathers its rows by a
    list or takes their mean, since then it needs rows of other slices.
    Example: test/passes/planning/merge-rows.mlir
  }];
}

def PlaceBuffersPass : Pass<"plan-place-buffers", "::lapidary::plan::ProgramOp"> {
  let summary = "Give every buffer an offset in one arena";
  let description = [{
    Buffers that are live at the same time do not overlap; others may. The
    longest-lived are placed first, of these the largest, each at the lowest
    offset that is free while it lives: what lives shortly fits in between.
    Offsets are multiples of 64 bytes.
    Example: test/passes/planning/place-buffers.mlir
  }];
}

def PlaceWeightsPass : Pass<"plan-place-weights", "::mlir::ModuleOp"> {
  let summary = "Give every packed weight an offset in the weights section";
  let description = [{
    In order of first use, so that a run reads the section from front to back.
    What has the same recipe and layout is there once, for all programs; so are
    matrices of which one is the first rows and columns of the other.
    Offsets are multiples of 64 bytes.
    Example: test/passes/planning/place-weights.mlir
  }];
}

def AddLimitsPass : Pass<"plan-add-limits", "::mlir::ModuleOp"> {
  let summary = "Add programs that measure what a machine can do at best";
  let description = [{
    `read` reads the largest packed matrix, or its first 512 MiB. One program for
    each format that rows of products have multiplies in registers. Programs are
    compared with them, in the same process and with the same threads.

    Declines when nothing is multiplied.
    Example: test/passes/planning/add-limits.mlir
  }];
}

#endif // PASSES_PLANNING_PASSES_TD
