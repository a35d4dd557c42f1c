//===- Passes.td - Passes of the stage simplify --------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef PASSES_SIMPLIFY_PASSES_TD
#define PASSES_SIMPLIFY_PASSES_TD

include "mlir/Pass/PassBase.td"

def DeriveKeysPass : Pass<"gemma-derive-keys", "::mlir::ModuleOp"> {
  let summary = "Keep values only where keys follow from them";
  let description = [{
    Where all that a cache gets is `append(rope(rms_norm(x, w)), rms_norm(x,
    1))`, the key at a position is the value there times `w`, rotated. The cache
    then keeps values only and is half as large, and attention makes the keys
    anew where it reads them. Nothing is lost: in float32 keys differ by one
    rounding; where the cache is narrower, a key that is made of a rounded value
    is as near to the true one as a rounded key.

    Declines where functions make keys of one cache in different ways.
    Example: test/passes/simplify/derive-keys.mlir
  }];
  let dependentDialects = ["::lapidary::gemma::GemmaDialect"];
}

def FoldEmbeddingScalePass
    : Pass<"gemma-fold-embedding-scale", "::mlir::func::FuncOp"> {
  let summary = "Let the embedding scale its rows itself";
  let description = [{
    Rewrites `scale(embed(tokens, table) scale 1.0) by f` to
    `embed(tokens, table) scale f`, so that the rows are written once. Only
    when the embedding does not scale yet, since two factors round twice, and
    when its rows have no other user.
    Example: test/passes/simplify/fold-embedding-scale.mlir
  }];
  let dependentDialects = ["::lapidary::gemma::GemmaDialect"];
}

def FoldNormOffsetPass : Pass<"gemma-fold-norm-offset", "::mlir::func::FuncOp"> {
  let summary = "Add a norm's offset to its weight once, at compile time";
  let description = [{
    Gives every normalization with a `weight_offset` other than 0.0 a weight
    that has it added (`gemma.offset`). Exact: the formula adds in float32 too.
    After it no kernel needs to know that some generations store differences
    from one.
    Example: test/passes/simplify/fold-norm-offset.mlir
  }];
  let dependentDialects = ["::lapidary::gemma::GemmaDialect"];
}

def RoundEmbeddingScalePass
    : Pass<"gemma-round-embedding-scale", "::mlir::func::FuncOp"> {
  let summary = "Round embedding scales as the model was trained with them";
  let description = [{
    Rounds the scale of every `gemma.embed` to the type of its table: training
    in bfloat16 multiplied by the rounded square root of the width. Not for
    float32 artifacts, whose reference does not round it. A table that has no
    float type is left alone.
    Example: test/passes/simplify/round-embedding-scale.mlir
  }];
  let dependentDialects = ["::lapidary::gemma::GemmaDialect"];
}

def SelectEarlyPass : Pass<"gemma-select-early", "::mlir::func::FuncOp"> {
  let summary = "Compute only the rows that somebody wants";
  let description = [{
    Rewrites `select_rows(op(x))` to `op(select_rows(x))` where nobody reads
    other rows of the result: for row-wise operations, and for
    `gemma.attention`, whose queries are then the wanted rows. Of a prompt, of
    which one row is wanted, what follows the last cache write is computed for
    this row only: of the last layer all but its keys and values, and all of the
    layers that borrow keys and values of others. Each row is computed as before.

    Declines where an operation has another reader, and for what has no rows to
    select from: embeddings, rotation tables, cache writes.
    Example: test/passes/simplify/select-early.mlir
  }];
  let dependentDialects = ["::lapidary::gemma::GemmaDialect"];
}

#endif // PASSES_SIMPLIFY_PASSES_TD
