//===- FuseSoftcap.cpp - Softcaps behind products ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/fusion/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lapidary {
#define GEN_PASS_DEF_FUSESOFTCAPPASS
#include "passes/fusion/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;

namespace {
using gemma::LinearOp, gemma::SoftcapOp;

struct SoftcapPattern : OpRewritePattern<SoftcapOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SoftcapOp softcap,
                                PatternRewriter &rewriter) const override {
    auto linear = softcap.getInput().getDefiningOp<LinearOp>();
    if (!linear)
      return rewriter.notifyMatchFailure(softcap, "does not bound a product");
    if (!linear->hasOneUse())
      return rewriter.notifyMatchFailure(softcap, "the product is used again");
    if (linear.getSoftcapAttr() || linear.getPostNormWeight() ||
        linear.getResidual())
      return rewriter.notifyMatchFailure(
          softcap, "something is fused behind the product already");

    rewriter.modifyOpInPlace(
        linear, [&] { linear.setSoftcapAttr(softcap.getCapAttr()); });
    rewriter.replaceOp(softcap, linear);
    return success();
  }
};

struct FuseSoftcapPass final
    : lapidary::impl::FuseSoftcapPassBase<FuseSoftcapPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SoftcapPattern>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
