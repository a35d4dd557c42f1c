//===- FuseNormPrologue.cpp - Norms in front of products --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/fusion/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lapidary {
#define GEN_PASS_DEF_FUSENORMPROLOGUEPASS
#include "passes/fusion/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;
using gemma::GatedLinearOp, gemma::LinearOp, gemma::RmsNormOp;

/// Whether `use` is the input of a product that does not normalize it yet.
static bool canNormalize(OpOperand &use) {
  return TypeSwitch<Operation *, bool>(use.getOwner())
      .Case<LinearOp, GatedLinearOp>([&](auto product) {
        return &use == &product.getInputMutable() && !product.getNormWeight();
      })
      .Default(false);
}

/// Lets `product` read the input of `norm` and normalize it itself.
template <typename OpTy>
static void fuseNorm(PatternRewriter &rewriter, OpTy product, RmsNormOp norm) {
  rewriter.modifyOpInPlace(product, [&] {
    product.getInputMutable().set(norm.getInput());
    product.getNormWeightMutable().assign(norm.getWeight());
    product.setNormAttr(norm.getNorm());
  });
}

namespace {
struct NormProloguePattern : OpRewritePattern<RmsNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RmsNormOp norm,
                                PatternRewriter &rewriter) const override {
    if (norm->use_empty())
      return rewriter.notifyMatchFailure(norm, "nothing uses the norm");
    if (!llvm::all_of(norm->getUses(), canNormalize))
      return rewriter.notifyMatchFailure(
          norm, "a user is no product, or has a norm already");

    for (Operation *user : llvm::make_early_inc_range(norm->getUsers()))
      TypeSwitch<Operation *>(user).Case<LinearOp, GatedLinearOp>(
          [&](auto product) { fuseNorm(rewriter, product, norm); });
    rewriter.eraseOp(norm);
    return success();
  }
};

struct FuseNormProloguePass final
    : lapidary::impl::FuseNormProloguePassBase<FuseNormProloguePass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<NormProloguePattern>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
