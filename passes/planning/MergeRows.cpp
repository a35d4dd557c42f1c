//===- MergeRows.cpp - Row kernels that follow each other -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/planning/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/SetVector.h"

namespace lapidary {
#define GEN_PASS_DEF_MERGEROWSPASS
#include "passes/planning/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;

/// Beyond this a kernel is called after its beginning.
static constexpr size_t kLongestName = 80;

/// Whether a slice of `func` computes one row from the same row of its inputs;
/// with `gathers`, from any rows.
static bool isRowKernel(kernel::FuncOp func, bool gathers) {
  if (func.getSlices() != 1 || func.getUnit() == kernel::GridUnit::One ||
      func.getUnit() == kernel::GridUnit::Block)
    return false;
  return llvm::all_of(func.getBody().front(), [&](Operation &op) {
    // With one key head or few columns these have one slice for each wanted
    // row, too.
    if (isa<kernel::AttentionOp, kernel::PeaksOp, kernel::BestOp,
            kernel::ContendersOp>(op))
      return false;
    auto load = dyn_cast<kernel::LoadOp>(op);
    bool isGather = isa<kernel::MeanOp>(op) || (load && load.getList());
    return gathers || !isGather;
  });
}

namespace {

/// Two neighbours in the program about to become one.
class Merge {
public:
  Merge(plan::DispatchOp first, plan::DispatchOp second, SymbolTable &symbols)
      : first(first), second(second), symbols(symbols),
        firstFunc(symbols.lookup<kernel::FuncOp>(first.getKernel())),
        secondFunc(symbols.lookup<kernel::FuncOp>(second.getKernel())) {}

  bool isPossible() {
    return firstFunc.getUnit() == secondFunc.getUnit() &&
           isRowKernel(firstFunc, /*gathers=*/true) &&
           isRowKernel(secondFunc, /*gathers=*/false);
  }

  /// Replaces both; `merged` holds the kernels made so far.
  plan::DispatchOp run(llvm::StringMap<kernel::FuncOp> &merged);

private:
  /// Whether nobody needs what `first` stores to `place` but `second`, which
  /// gets it as a value.
  bool isDropped(Value place) const { return dropped.contains(place); }
  void findOperands();
  std::string makeKey();
  kernel::FuncOp makeKernel();

  plan::DispatchOp first, second;
  SymbolTable &symbols;
  kernel::FuncOp firstFunc, secondFunc;
  llvm::SetVector<Value> operands;
  llvm::DenseSet<Value> dropped;
};

struct MergeRowsPass final : lapidary::impl::MergeRowsPassBase<MergeRowsPass> {
  void runOnOperation() override;
};

} // namespace

void Merge::findOperands() {
  for (Operation &op : firstFunc.getBody().front()) {
    auto store = dyn_cast<kernel::StoreOp>(op);
    if (!store ||
        store.getRows().getType().getFormat() != kernel::RowFormat::F32)
      continue;
    auto argument = cast<BlockArgument>(store.getRows());
    Value place = first.getOperands()[argument.getArgNumber()];
    bool onlyHere = llvm::all_of(place.getUsers(), [&](Operation *user) {
      return user == first || user == second;
    });
    if (onlyHere && llvm::is_contained(second.getOperands(), place))
      dropped.insert(place);
  }
  // Columns of a row are read from memory.
  for (auto [dispatch, func] :
       {std::pair(first, firstFunc), std::pair(second, secondFunc)})
    for (auto load : func.getBody().getOps<kernel::LoadOp>())
      if (load.getOffset())
        dropped.erase(dispatch.getOperands()[cast<BlockArgument>(load.getRows())
                                                 .getArgNumber()]);
  for (plan::DispatchOp dispatch : {first, second})
    for (Value operand : dispatch.getOperands())
      if (!isDropped(operand))
        operands.insert(operand);
}

std::string Merge::makeKey() {
  std::string key = (first.getKernel() + "+" + second.getKernel()).str();
  for (plan::DispatchOp dispatch : {first, second})
    for (Value operand : dispatch.getOperands()) {
      const auto *found = llvm::find(operands, operand);
      key += "," + std::to_string(found - operands.begin());
    }
  return key;
}

kernel::FuncOp Merge::makeKernel() {
  OpBuilder builder(firstFunc);
  // Beside the older of the two, so that kernels stay before programs.
  builder.setInsertionPointAfter(secondFunc);
  SmallVector<Type> types;
  for (Value operand : operands)
    types.push_back(operand.getType());
  std::string name = first.getKernel().str();
  if (name.size() + second.getKernel().size() < kLongestName)
    name += "_" + second.getKernel().str();
  auto func = kernel::FuncOp::create(builder, first.getLoc(), name, types,
                                     firstFunc.getUnit(), 1);
  symbols.insert(func);
  builder.setInsertionPointToStart(&func.getBody().front());

  IRMapping values;
  // Whole rows that are values already, by place of the program.
  llvm::DenseMap<Value, Value> known;
  for (auto [dispatch, source] :
       {std::pair(first, firstFunc), std::pair(second, secondFunc)}) {
    auto placeOf = [&, dispatch = dispatch](Value argument) mutable {
      return dispatch
          .getOperands()[cast<BlockArgument>(argument).getArgNumber()];
    };
    for (BlockArgument argument : source.getBody().getArguments()) {
      const auto *found = llvm::find(operands, placeOf(argument));
      if (found != operands.end())
        values.map(argument,
                   func.getBody().getArgument(found - operands.begin()));
    }
    for (Operation &op : source.getBody().front()) {
      auto load = dyn_cast<kernel::LoadOp>(op);
      bool isWhole = load && !load.getList() && !load.getOffset();
      if (isWhole)
        if (Value row = known.lookup(placeOf(load.getRows()))) {
          values.map(load.getResult(), row);
          continue;
        }
      if (auto store = dyn_cast<kernel::StoreOp>(op)) {
        Value place = placeOf(store.getRows());
        if (store.getRows().getType().getFormat() == kernel::RowFormat::F32)
          known[place] = values.lookup(store.getRow());
        if (isDropped(place))
          continue;
      }
      Operation *clone = builder.clone(op, values);
      if (isWhole)
        known[placeOf(load.getRows())] = clone->getResult(0);
    }
  }
  return func;
}

plan::DispatchOp Merge::run(llvm::StringMap<kernel::FuncOp> &merged) {
  findOperands();
  kernel::FuncOp &func = merged[makeKey()];
  if (!func)
    func = makeKernel();
  OpBuilder builder(second);
  auto result = plan::DispatchOp::create(
      builder, second.getLoc(), func.getSymName(), operands.getArrayRef(),
      (first.getLabel() + ", " + second.getLabel()).str(), plan::PurposeAttr());
  first.erase();
  second.erase();
  return result;
}

void MergeRowsPass::runOnOperation() {
  SymbolTable symbols(getOperation());
  llvm::StringMap<kernel::FuncOp> merged;
  for (auto program : getOperation().getOps<plan::ProgramOp>()) {
    plan::DispatchOp last;
    for (auto dispatch : llvm::to_vector(program.getOps<plan::DispatchOp>())) {
      if (last) {
        Merge merge(last, dispatch, symbols);
        if (merge.isPossible())
          dispatch = merge.run(merged);
      }
      last = dispatch;
    }
  }
  // Kernels and buffers that only the parts used.
  for (auto func :
       llvm::make_early_inc_range(getOperation().getOps<kernel::FuncOp>()))
    if (SymbolTable::symbolKnownUseEmpty(func, getOperation()))
      symbols.erase(func);
  getOperation().walk([](plan::BufferOp buffer) {
    if (buffer->use_empty())
      buffer.erase();
  });
}
