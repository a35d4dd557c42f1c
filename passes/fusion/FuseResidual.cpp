//===- FuseResidual.cpp - Residual sums behind products ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/fusion/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lapidary {
#define GEN_PASS_DEF_FUSERESIDUALPASS
#include "passes/fusion/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;

namespace {
using gemma::AddOp, gemma::LinearOp, gemma::RmsNormOp;

/// Rewrites `add(x, rms_norm(linear))` and `add(x, linear)`; importers always
/// put the residual on the left.
struct ResidualPattern : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AddOp add,
                                PatternRewriter &rewriter) const override {
    auto norm = add.getRhs().getDefiningOp<RmsNormOp>();
    Value sum = norm ? norm.getInput() : add.getRhs();
    auto linear = sum.getDefiningOp<LinearOp>();
    if (!linear)
      return rewriter.notifyMatchFailure(add, "does not add a product");
    if (!linear->hasOneUse() || (norm && !norm->hasOneUse()))
      return rewriter.notifyMatchFailure(add, "an intermediate is used again");
    if (linear.getResidual())
      return rewriter.notifyMatchFailure(add, "the product adds already");
    if (norm && linear.getPostNormWeight())
      return rewriter.notifyMatchFailure(add, "the product has a post norm");

    // At the sum, because the residual may be defined behind the product.
    rewriter.moveOpBefore(linear, add);
    rewriter.modifyOpInPlace(linear, [&] {
      linear.getResidualMutable().assign(add.getLhs());
      if (norm) {
        linear.getPostNormWeightMutable().assign(norm.getWeight());
        linear.setPostNormAttr(norm.getNorm());
      }
    });
    rewriter.replaceOp(add, linear);
    if (norm)
      rewriter.eraseOp(norm);
    return success();
  }
};

struct FuseResidualPass final
    : lapidary::impl::FuseResidualPassBase<FuseResidualPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ResidualPattern>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
