//===- FuseGatedMlp.cpp - Gate and up in one product ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/fusion/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lapidary {
#define GEN_PASS_DEF_FUSEGATEDMLPPASS
#include "passes/fusion/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;

namespace {
using gemma::GatedLinearOp, gemma::GeluOp, gemma::InterleaveRowsOp;
using gemma::LinearOp, gemma::MulOp, gemma::NormAttr;

/// Rewrites `mul(gelu(linear(x, gate)), linear(x, up))`; importers always put
/// the activated operand on the left.
struct GatedMlpPattern : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MulOp mul,
                                PatternRewriter &rewriter) const override {
    auto gelu = mul.getLhs().getDefiningOp<GeluOp>();
    auto up = mul.getRhs().getDefiningOp<LinearOp>();
    auto gate = gelu ? gelu.getInput().getDefiningOp<LinearOp>() : LinearOp();
    if (!gate || !up)
      return rewriter.notifyMatchFailure(mul, "not gelu(linear) * linear");
    if (!gelu->hasOneUse() || !gate->hasOneUse() || !up->hasOneUse())
      return rewriter.notifyMatchFailure(mul, "an intermediate is used again");
    if (gate.getInput() != up.getInput())
      return rewriter.notifyMatchFailure(mul, "projections read two inputs");
    if (!gate.isPlain() || !up.isPlain())
      return rewriter.notifyMatchFailure(mul, "a projection is fused already");
    if (gate.getProduct() != up.getProduct())
      return rewriter.notifyMatchFailure(mul, "product types differ");
    auto type = gate.getWeight().getType();
    if (type != up.getWeight().getType())
      return rewriter.notifyMatchFailure(mul, "weight types differ");

    Location loc = rewriter.getFusedLoc({gate.getLoc(), up.getLoc()});
    auto weight = InterleaveRowsOp::create(
        rewriter, loc, type.clone({2 * type.getDimSize(0), type.getDimSize(1)}),
        gate.getWeight(), up.getWeight());
    rewriter.replaceOp(
        mul, GatedLinearOp::create(rewriter, loc, mul.getType(), up.getInput(),
                                   weight, /*norm_weight=*/Value(),
                                   up.getProduct(), /*norm=*/NormAttr()));
    return success();
  }
};

struct FuseGatedMlpPass final
    : lapidary::impl::FuseGatedMlpPassBase<FuseGatedMlpPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<GatedMlpPattern>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
