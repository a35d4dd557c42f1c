//===- RoundEmbeddingScale.cpp - Scales as they were trained ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/simplify/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lapidary {
#define GEN_PASS_DEF_ROUNDEMBEDDINGSCALEPASS
#include "passes/simplify/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;

using gemma::EmbedOp;

/// `value` as `type` can hold it, to nearest, ties to even.
static FloatAttr roundTo(FloatType type, FloatAttr value) {
  return FloatAttr::get(
      value.getType(),
      FloatAttr::get(type, value.getValueAsDouble()).getValueAsDouble());
}

namespace {
struct RoundScalePattern : OpRewritePattern<EmbedOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(EmbedOp embed,
                                PatternRewriter &rewriter) const override {
    auto type =
        dyn_cast<FloatType>(embed.getTable().getType().getElementType());
    if (!type)
      return rewriter.notifyMatchFailure(embed, "the table has no float type");
    FloatAttr rounded = roundTo(type, embed.getScaleAttr());
    if (rounded == embed.getScaleAttr())
      return rewriter.notifyMatchFailure(embed, "the scale is rounded already");

    rewriter.modifyOpInPlace(embed, [&] { embed.setScaleAttr(rounded); });
    return success();
  }
};

struct RoundEmbeddingScalePass final
    : lapidary::impl::RoundEmbeddingScalePassBase<RoundEmbeddingScalePass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RoundScalePattern>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
