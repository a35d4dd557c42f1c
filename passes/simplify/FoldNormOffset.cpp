//===- FoldNormOffset.cpp - Norm weights with their offset ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/simplify/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lapidary {
#define GEN_PASS_DEF_FOLDNORMOFFSETPASS
#include "passes/simplify/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;

using gemma::GatedLinearOp, gemma::LinearOp, gemma::NormAttr, gemma::OffsetOp;
using gemma::RmsNormOp;

namespace {
/// A norm inside an op: its constants, by their attribute's name, and the
/// weights that they apply to.
struct Norm {
  StringAttr name;
  NormAttr constants;
  SmallVector<OpOperand *, 2> weights;
};
} // namespace

/// The norms of each op that has any; absent ones have no constants.
static SmallVector<Norm, 2> getNorms(RmsNormOp op) {
  return {{op.getNormAttrName(), op.getNormAttr(), {&op.getWeightMutable()}}};
}

/// The operand of an optional weight, if it is there.
static SmallVector<OpOperand *, 2> getOptional(MutableOperandRange weight) {
  return llvm::map_to_vector<2>(weight, [](OpOperand &o) { return &o; });
}

static SmallVector<Norm, 2> getNorms(LinearOp op) {
  return {{op.getNormAttrName(), op.getNormAttr(),
           getOptional(op.getNormWeightMutable())},
          {op.getPostNormAttrName(), op.getPostNormAttr(),
           getOptional(op.getPostNormWeightMutable())}};
}

static SmallVector<Norm, 2> getNorms(GatedLinearOp op) {
  return {{op.getNormAttrName(), op.getNormAttr(),
           getOptional(op.getNormWeightMutable())}};
}

static bool hasOffset(const Norm &norm) {
  return norm.constants &&
         !norm.constants.getWeightOffset().getValue().isZero();
}

/// Moves the offset of `norm`, which belongs to `op`, into its weights.
static void foldOffset(PatternRewriter &rewriter, Operation *op,
                       const Norm &norm) {
  FloatAttr offset = norm.constants.getWeightOffset();
  auto none = FloatAttr::get(offset.getType(), 0.0);
  op->setAttr(norm.name, NormAttr::get(op->getContext(),
                                       norm.constants.getEpsilon(), none));
  for (OpOperand *weight : norm.weights) {
    auto type = cast<RankedTensorType>(weight->get().getType());
    weight->set(OffsetOp::create(rewriter, op->getLoc(),
                                 type.clone(rewriter.getF32Type()),
                                 weight->get(), offset));
  }
}

namespace {
template <typename OpTy> struct NormOffsetPattern : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Norm, 2> norms = getNorms(op);
    if (llvm::none_of(norms, hasOffset))
      return rewriter.notifyMatchFailure(op, "no norm has an offset");

    rewriter.modifyOpInPlace(op, [&] {
      for (const Norm &norm : llvm::make_filter_range(norms, hasOffset))
        foldOffset(rewriter, op, norm);
    });
    return success();
  }
};

struct FoldNormOffsetPass final
    : lapidary::impl::FoldNormOffsetPassBase<FoldNormOffsetPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<NormOffsetPattern<RmsNormOp>, NormOffsetPattern<LinearOp>,
                 NormOffsetPattern<GatedLinearOp>>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
