//===- Passes.td - Passes of the stage fusion ----------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef PASSES_FUSION_PASSES_TD
#define PASSES_FUSION_PASSES_TD

include "mlir/Pass/PassBase.td"

class Gemma_FusionPass<string flag> : Pass<flag, "::mlir::func::FuncOp"> {
  let dependentDialects = ["::lapidary::gemma::GemmaDialect"];
}

def FuseQkvPass : Gemma_FusionPass<"gemma-fuse-qkv"> {
  let summary = "Fuse the projections of an attention into one product";
  let description = [{
    Rewrites the query, key and value projections of an attention, each
    `split_heads(linear(x, w))`, to one `gemma.linear` over their weights below
    each other and one `gemma.split_heads` with a result for each, in the order
    query, key, value. The activation `x` is read once, and one product of
    three times the size keeps all threads busy.

    Only plain products of one input in one product type, whose rows are only
    split. Two of the three are enough: where values are keys there are no more,
    and where one query is wanted of a prompt, queries have another input.
    Example: test/passes/fusion/fuse-qkv.mlir
  }];
}

def FuseGatedMlpPass : Gemma_FusionPass<"gemma-fuse-gated-mlp"> {
  let summary = "Fuse the gate and up projections of a feed-forward block";
  let description = [{
    Rewrites `mul(gelu(linear(x, gate)), linear(x, up))` to one
    `gemma.gated_linear` over their rows in turn, so that the activation `x` is
    read once and the two intermediate rows never reach memory. Only plain
    products of one input in one product type, and only when the intermediates
    have no other user, since otherwise the work would be done twice.
    Example: test/passes/fusion/fuse-gated-mlp.mlir
  }];
}

def FuseNormProloguePass : Gemma_FusionPass<"gemma-fuse-norm-prologue"> {
  let summary = "Fuse a norm into the products that read it";
  let description = [{
    Rewrites `linear(rms_norm(x), w)` to `linear(x, w) norm(...)`, and
    `gemma.gated_linear` alike, so that a backend can normalize while it
    quantizes or packs the row. Only when every user of the norm is such a
    product, reads it as its input and has no norm yet. Several products then
    repeat the norm; planning computes it once where that is cheaper.
    Example: test/passes/fusion/fuse-norm-prologue.mlir
  }];
}

def FuseSoftcapPass : Gemma_FusionPass<"gemma-fuse-softcap"> {
  let summary = "Fuse a softcap into the product that it bounds";
  let description = [{
    Rewrites `softcap(linear(x, w))` to `linear(x, w) softcap(...)`, so that the
    logits, the widest rows of all, are written once. Only when nothing else
    uses the product and nothing is fused behind it yet.
    Example: test/passes/fusion/fuse-softcap.mlir
  }];
}

def FuseResidualPass : Gemma_FusionPass<"gemma-fuse-residual"> {
  let summary = "Fuse a post norm and the residual sum into the product";
  let description = [{
    Rewrites `add(x, rms_norm(linear(y, w)))` to
    `linear(y, w) post_norm(...) add(x)`, and `add(x, linear(y, w))` to
    `linear(y, w) add(x)`, so that the block's last product also updates the
    residual stream. Importers put the residual on the left. Only when nothing
    else uses the product or the norm, and the product has neither yet.
    Example: test/passes/fusion/fuse-residual.mlir
  }];
}

#endif // PASSES_FUSION_PASSES_TD
