//===- PlaceWeights.cpp - Offsets in the weights section --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/gemma/Recipe.h"
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

class Placement {
public:
  void place(plan::PackOp op) {
    Type stored = op.getStoredType();
    std::string key = gemma::recipeOf(op.getSource());
    llvm::raw_string_ostream(key) << stored;
    place(op, key, stored);
  }
  void place(plan::RopeFrequenciesOp op) {
    place(op, gemma::recipeOf(op), op.getType());
  }

private:
  template <typename OpTy> void place(OpTy op, StringRef key, Type stored) {
    if (op.getOffset())
      return;
    auto [entry, isNew] = offsets.insert({key, end});
    op.setOffset(entry->second);
    if (isNew)
      end += llvm::alignTo(kernel::packedBytes(stored), plan::kAlignment);
  }

  /// By recipe and layout.
  llvm::StringMap<int64_t> offsets;
  int64_t end = 0;
};

struct PlaceWeightsPass final
    : lapidary::impl::PlaceWeightsPassBase<PlaceWeightsPass> {
  void runOnOperation() override {
    Placement placement;
    for (auto program : getOperation().getOps<plan::ProgramOp>())
      for (auto dispatch : program.getOps<plan::DispatchOp>())
        for (Value operand : dispatch.getOperands())
          llvm::TypeSwitch<Operation *>(operand.getDefiningOp())
              .Case<plan::PackOp, plan::RopeFrequenciesOp>(
                  [&](auto op) { placement.place(op); });
  }
};
} // namespace
