//===- SelectEarly.cpp - Only the rows that somebody wants ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Goes through the function once, from its end: readers before what they read.
#include "passes/simplify/Passes.h"

#include "mlir/IR/IRMapping.h"

namespace lapidary {
#define GEN_PASS_DEF_SELECTEARLYPASS
#include "passes/simplify/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;
using gemma::AttentionOp, gemma::RouteOp, gemma::SelectRowsOp;

/// Whether `op` can compute some rows and not others.
static bool computesRows(Operation &op) {
  if (auto attention = dyn_cast<AttentionOp>(op))
    return !attention.getWanted();
  return op.hasTrait<gemma::RowWise>();
}

/// Whether all that is read of `op` are the wanted rows.
static bool isOnlySelected(Operation &op) {
  return !op.use_empty() &&
         llvm::all_of(op.getUsers(), llvm::IsaPred<SelectRowsOp>);
}

static bool hasRows(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.isDynamicDim(0);
}

namespace {
class Selection {
public:
  explicit Selection(Value batch) : builder(batch.getContext()), batch(batch) {}

  /// Lets `op` compute the wanted rows only.
  void moveAbove(Operation &op);

private:
  Value select(Value rows);

  OpBuilder builder;
  Value batch;
};
} // namespace

/// The wanted ones of `rows`.
Value Selection::select(Value rows) {
  for (Operation *user : rows.getUsers())
    if (isa<SelectRowsOp>(user))
      return user->getResult(0);
  builder.setInsertionPointAfterValue(rows);
  return SelectRowsOp::create(builder, rows.getLoc(), rows.getType(), rows,
                              batch);
}

void Selection::moveAbove(Operation &op) {
  IRMapping selected;
  for (Value operand : op.getOperands()) {
    if (hasRows(operand)) {
      selected.map(operand, select(operand));
    } else if (auto route = operand.getDefiningOp<RouteOp>()) {
      IRMapping scores;
      scores.map(route.getScores(), select(route.getScores()));
      builder.setInsertionPointAfter(route);
      selected.map(operand, builder.clone(*route, scores)->getResult(0));
    }
  }
  builder.setInsertionPoint(&op);
  Operation *clone = builder.clone(op, selected);
  if (auto attention = dyn_cast<AttentionOp>(clone))
    attention.setWanted(true);
  for (auto [old, result] :
       llvm::zip_equal(op.getResults(), clone->getResults()))
    for (Operation *user : llvm::make_early_inc_range(old.getUsers())) {
      user->getResult(0).replaceAllUsesWith(result);
      user->erase();
    }
  op.erase();
}

/// Puts each selection where it is first needed, so that what computes all rows
/// stays together.
static void sinkSelections(Block &body) {
  for (auto select : llvm::to_vector(body.getOps<SelectRowsOp>())) {
    auto users = llvm::to_vector(select->getUsers());
    select->moveBefore(
        *llvm::min_element(users, [](Operation *a, Operation *b) {
          return a->isBeforeInBlock(b);
        }));
  }
}

namespace {
struct SelectEarlyPass final
    : lapidary::impl::SelectEarlyPassBase<SelectEarlyPass> {
  void runOnOperation() override {
    auto selects = getOperation().getOps<SelectRowsOp>();
    // Rows are told from weights by their number's being dynamic.
    if (selects.empty() || !hasRows((*selects.begin()).getInput()))
      return;
    Selection selection((*selects.begin()).getBatch());
    auto ops = llvm::to_vector(llvm::make_pointer_range(
        llvm::reverse(getOperation().getBody().front())));
    for (Operation *op : ops)
      if (computesRows(*op) && isOnlySelected(*op))
        selection.moveAbove(*op);
      else if (isOpTriviallyDead(op))
        op->erase();
    sinkSelections(getOperation().getBody().front());
  }
};
} // namespace
