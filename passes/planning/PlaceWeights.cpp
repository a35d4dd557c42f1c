//===- PlaceWeights.cpp - Offsets in the weights section --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/kernel/Layouts.h"
#include "passes/planning/Passes.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

namespace lapidary {
#define GEN_PASS_DEF_PLACEWEIGHTSPASS
#include "passes/planning/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;

namespace {
struct PlaceWeightsPass final
    : lapidary::impl::PlaceWeightsPassBase<PlaceWeightsPass> {
  void runOnOperation() override {
    Builder builder(&getContext());
    int64_t offset = 0;
    auto place = [&](auto op) {
      if (op.getOffset())
        return;
      op.setOffsetAttr(builder.getI64IntegerAttr(offset));
      offset +=
          llvm::alignTo(kernel::packedBytes(op.getType()), plan::kAlignment);
    };
    for (auto dispatch : getOperation().getOps<plan::DispatchOp>())
      for (Value operand : dispatch.getOperands())
        llvm::TypeSwitch<Operation *>(operand.getDefiningOp())
            .Case<plan::PackOp, plan::RopeFrequenciesOp>(place);
  }
};
} // namespace
