//===- FuseQkv.cpp - Projections of attention in one product ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/fusion/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/RegionUtils.h"

namespace lapidary {
#define GEN_PASS_DEF_FUSEQKVPASS
#include "passes/fusion/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;
using gemma::AppendOp, gemma::AppendValuesOp, gemma::AttentionOp;
using gemma::ConcatRowsOp;
using gemma::LinearOp, gemma::RmsNormOp, gemma::RopeOp, gemma::SplitHeadsOp;

/// The split that `heads` come from, seen through norms and rotation.
static SplitHeadsOp findSplit(Value heads) {
  while (isa_and_nonnull<RmsNormOp, RopeOp>(heads.getDefiningOp()))
    heads = heads.getDefiningOp()->getOperand(0);
  return heads.getDefiningOp<SplitHeadsOp>();
}

/// The splits behind query, key and value of `attention`, each once.
static SetVector<SplitHeadsOp> findSplits(AttentionOp attention) {
  SmallVector<Value, 3> heads = {attention.getQuery()};
  if (auto append = attention.getKv().getDefiningOp<AppendOp>())
    heads.append({append.getKey(), append.getValue()});
  else if (auto values = attention.getKv().getDefiningOp<AppendValuesOp>())
    heads.push_back(values.getValue());
  SetVector<SplitHeadsOp> splits;
  for (Value value : heads)
    splits.insert(findSplit(value));
  return splits;
}

/// Whether `split` only names the heads of a plain product of its own.
static bool splitsProduct(SplitHeadsOp split) {
  auto linear = split ? split.getInput().getDefiningOp<LinearOp>() : LinearOp();
  return linear && linear.isPlain() && linear->hasOneUse() &&
         split->getNumResults() == 1;
}

/// Whether one product can do the work of both.
static bool areAlike(LinearOp a, LinearOp b) {
  return a->getBlock() == b->getBlock() && a.getInput() == b.getInput() &&
         a.getProduct() == b.getProduct() &&
         a.getWeight().getType().getElementType() ==
             b.getWeight().getType().getElementType();
}

/// One product over the weights of all `linears` below each other.
static LinearOp createProduct(PatternRewriter &rewriter,
                              ArrayRef<LinearOp> linears) {
  LinearOp first = linears.front();
  Location loc = rewriter.getFusedLoc(
      llvm::map_to_vector(linears, [](LinearOp op) { return op.getLoc(); }));
  int64_t outputs = 0;
  SmallVector<Value> weights;
  for (LinearOp linear : linears) {
    outputs += linear.getWeight().getType().getDimSize(0);
    weights.push_back(linear.getWeight());
  }
  auto weightType = first.getWeight().getType();
  auto weight = ConcatRowsOp::create(
      rewriter, loc, weightType.clone({outputs, weightType.getDimSize(1)}),
      weights);
  auto rowType = first.getType();
  auto product = LinearOp::create(
      rewriter, loc, rowType.clone({rowType.getDimSize(0), outputs}),
      first.getInput(), weight);
  product.setProduct(first.getProduct());
  return product;
}

namespace {
struct QkvPattern : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp attention,
                                PatternRewriter &rewriter) const override {
    SetVector<SplitHeadsOp> splits = findSplits(attention);
    if (!llvm::all_of(splits, splitsProduct))
      return rewriter.notifyMatchFailure(
          attention, "heads are not those of a plain product of their own");
    auto productOf = [](SplitHeadsOp split) {
      return split.getInput().getDefiningOp<LinearOp>();
    };
    LinearOp last = productOf(splits.back());
    splits.remove_if(
        [&](SplitHeadsOp split) { return !areAlike(productOf(split), last); });
    if (splits.size() < 2)
      return rewriter.notifyMatchFailure(
          attention, "no two projections are alike in block, input, product "
                     "and weight type");
    auto linears = llvm::map_to_vector(splits, productOf);
    // The earliest user of a projection may stand before the last weight.
    auto weights = llvm::map_to_vector(
        linears, [](LinearOp op) -> Value { return op.getWeight(); });
    LinearOp earliest = *llvm::min_element(
        linears, [](LinearOp a, LinearOp b) { return a->isBeforeInBlock(b); });
    if (failed(moveValueDefinitions(rewriter, weights, earliest)))
      return rewriter.notifyMatchFailure(attention, "a weight cannot move up");

    rewriter.setInsertionPoint(earliest);
    LinearOp product = createProduct(rewriter, linears);
    auto types = llvm::map_to_vector(
        splits, [](SplitHeadsOp split) { return split.getType(0); });
    auto heads =
        SplitHeadsOp::create(rewriter, product.getLoc(), types, product);
    for (auto [split, result] : llvm::zip(splits, heads.getResults()))
      rewriter.replaceOp(split, result);
    for (LinearOp linear : linears)
      rewriter.eraseOp(linear);
    return success();
  }
};

struct FuseQkvPass final : lapidary::impl::FuseQkvPassBase<FuseQkvPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<QkvPattern>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
