//===- FuseAttention.cpp - Norms, rotation, append, attention ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/fusion/Passes.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lapidary {
#define GEN_PASS_DEF_FUSEATTENTIONPASS
#include "passes/fusion/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;
using gemma::AppendOp, gemma::AttentionOp, gemma::QkvAttentionOp;
using gemma::RmsNormOp, gemma::RopeOp, gemma::SplitHeadsOp;

namespace {
/// Heads as queries and keys are used: `rope(rms_norm(heads))`.
struct RotatedHeads {
  RopeOp rope;
  RmsNormOp norm;
};
} // namespace

/// The ops that `heads` come from; both null if there is another.
static RotatedHeads matchRotated(Value heads) {
  auto rope = heads.getDefiningOp<RopeOp>();
  auto norm = rope ? rope.getInput().getDefiningOp<RmsNormOp>() : RmsNormOp();
  return norm ? RotatedHeads{rope, norm} : RotatedHeads{};
}

/// The split that gives the queries, keys and values, in this order and to
/// nobody else; null if there is none.
static SplitHeadsOp matchSplit(Value query, Value key, Value value) {
  auto split = query.getDefiningOp<SplitHeadsOp>();
  if (!split || !llvm::equal(split.getResults(), ValueRange{query, key, value}))
    return {};
  bool usedOnce = llvm::all_of(split.getResults(),
                               [](Value heads) { return heads.hasOneUse(); });
  return usedOnce ? split : SplitHeadsOp();
}

/// Whether no op strictly between two of one block has effects.
static bool nothingHappensBetween(Operation *first, Operation *last) {
  if (first->getBlock() != last->getBlock())
    return false;
  return llvm::all_of(
      llvm::make_range(std::next(first->getIterator()), last->getIterator()),
      [](Operation &op) { return isMemoryEffectFree(&op); });
}

namespace {
struct AttentionPattern : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp attention,
                                PatternRewriter &rewriter) const override {
    auto append = attention.getKv().getDefiningOp<AppendOp>();
    if (!append)
      return rewriter.notifyMatchFailure(attention, "reads another's cache");
    RotatedHeads query = matchRotated(attention.getQuery());
    RotatedHeads key = matchRotated(append.getKey());
    if (!query.norm || !key.norm)
      return rewriter.notifyMatchFailure(
          attention, "queries and keys are not normalized and rotated");
    SplitHeadsOp split = matchSplit(query.norm.getInput(), key.norm.getInput(),
                                    append.getValue());
    if (!split)
      return rewriter.notifyMatchFailure(
          attention, "no split gives queries, keys and values to it alone");
    for (Operation *op : std::initializer_list<Operation *>{
             query.rope, query.norm, key.rope, key.norm, append})
      if (!op->hasOneUse())
        return rewriter.notifyMatchFailure(op, "an intermediate is used again");
    if (query.norm.getNorm() != key.norm.getNorm() ||
        query.norm.getWeight().getType() != key.norm.getWeight().getType())
      return rewriter.notifyMatchFailure(attention, "norms differ in kind");
    if (query.rope.getTable() != key.rope.getTable())
      return rewriter.notifyMatchFailure(attention, "rotations differ");
    if (append.getBatch() != attention.getBatch())
      return rewriter.notifyMatchFailure(attention, "batches differ");
    if (!nothingHappensBetween(append, attention))
      return rewriter.notifyMatchFailure(
          attention, "an operation with effects follows the append");

    int64_t heads = cast<ShapedType>(split.getType(0)).getDimSize(1);
    rewriter.replaceOpWithNewOp<QkvAttentionOp>(
        attention, attention.getType(), split.getInput(), query.rope.getTable(),
        attention.getBatch(), append.getCacheAttr(), query.norm.getWeight(),
        key.norm.getWeight(), query.norm.getNorm(),
        rewriter.getI64IntegerAttr(heads), attention.getScaleAttr(),
        attention.getWindowAttr(), attention.getSoftcapAttr());
    // The others are without effects and fall when unused.
    rewriter.eraseOp(append);
    return success();
  }
};

struct FuseAttentionPass final
    : lapidary::impl::FuseAttentionPassBase<FuseAttentionPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<AttentionPattern>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
