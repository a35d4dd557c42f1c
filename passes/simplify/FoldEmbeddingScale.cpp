//===- FoldEmbeddingScale.cpp - Embeddings scale themselves -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/simplify/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lapidary {
#define GEN_PASS_DEF_FOLDEMBEDDINGSCALEPASS
#include "passes/simplify/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;

namespace {
using gemma::EmbedOp, gemma::ScaleOp;

struct EmbeddingScalePattern : OpRewritePattern<ScaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScaleOp scale,
                                PatternRewriter &rewriter) const override {
    auto embed = scale.getInput().getDefiningOp<EmbedOp>();
    if (!embed)
      return rewriter.notifyMatchFailure(scale, "does not scale an embedding");
    if (!embed->hasOneUse())
      return rewriter.notifyMatchFailure(scale, "the embedding is used again");
    if (!embed.getScale().isExactlyValue(1.0))
      return rewriter.notifyMatchFailure(scale, "the embedding scales already");

    rewriter.modifyOpInPlace(
        embed, [&] { embed.setScaleAttr(scale.getFactorAttr()); });
    rewriter.replaceOp(scale, embed);
    return success();
  }
};

struct FoldEmbeddingScalePass final
    : lapidary::impl::FoldEmbeddingScalePassBase<FoldEmbeddingScalePass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<EmbeddingScalePattern>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
