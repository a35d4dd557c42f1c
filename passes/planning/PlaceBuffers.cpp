//===- PlaceBuffers.cpp - Offsets in the arena ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/kernel/Layouts.h"
#include "passes/planning/Passes.h"

#include "llvm/Support/MathExtras.h"

namespace lapidary {
#define GEN_PASS_DEF_PLACEBUFFERSPASS
#include "passes/planning/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;

namespace {

/// A buffer, its bytes, and the dispatches between which it is live.
struct Interval {
  plan::BufferOp op;
  int64_t size, first, last, offset = 0;

  int64_t length() const { return last - first; }
  bool meets(const Interval &other) const {
    return first <= other.last && other.first <= last;
  }
};

struct PlaceBuffersPass final
    : lapidary::impl::PlaceBuffersPassBase<PlaceBuffersPass> {
  void runOnOperation() override;
};

} // namespace

/// Live intervals in order of first use; buffers that nobody uses are left out.
static SmallVector<Interval> findIntervals(plan::ProgramOp program) {
  llvm::DenseMap<Operation *, int64_t> order;
  for (auto dispatch : program.getOps<plan::DispatchOp>())
    order.insert({dispatch, order.size()});
  SmallVector<Interval> intervals;
  for (auto buffer : program.getOps<plan::BufferOp>()) {
    if (buffer->use_empty())
      continue;
    int64_t size = buffer.getBytes(program.getMaxRows());
    Interval interval{
        buffer, static_cast<int64_t>(llvm::alignTo(size, plan::kAlignment)),
        std::numeric_limits<int64_t>::max(), 0};
    for (Operation *user : buffer->getUsers()) {
      interval.first = std::min(interval.first, order.lookup(user));
      interval.last = std::max(interval.last, order.lookup(user));
    }
    intervals.push_back(interval);
  }
  return intervals;
}

/// The lowest offset at which `interval` overlaps none of `placed` that is
/// live at the same time.
static int64_t findOffset(const Interval &interval,
                          ArrayRef<Interval *> placed) {
  SmallVector<const Interval *> others;
  for (const Interval *other : placed)
    if (interval.meets(*other))
      others.push_back(other);
  llvm::sort(others, [](const Interval *a, const Interval *b) {
    return a->offset < b->offset;
  });
  int64_t offset = 0;
  for (const Interval *other : others) {
    if (offset + interval.size <= other->offset)
      break;
    offset = std::max(offset, other->offset + other->size);
  }
  return offset;
}

void PlaceBuffersPass::runOnOperation() {
  Builder builder(&getContext());
  SmallVector<Interval> intervals = findIntervals(getOperation());
  SmallVector<Interval *> order, placed;
  for (Interval &interval : intervals)
    order.push_back(&interval);
  llvm::stable_sort(order, [](const Interval *a, const Interval *b) {
    return std::pair(a->length(), a->size) > std::pair(b->length(), b->size);
  });
  int64_t arena = 0;
  for (Interval *interval : order) {
    interval->offset = findOffset(*interval, placed);
    placed.push_back(interval);
    arena = std::max(arena, interval->offset + interval->size);
    interval->op.setOffsetAttr(builder.getI64IntegerAttr(interval->offset));
  }
  getOperation().setArenaBytesAttr(builder.getI64IntegerAttr(arena));
}
