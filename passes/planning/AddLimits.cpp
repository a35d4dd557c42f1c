//===- AddLimits.cpp - What the machine can do at best ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/kernel/Layouts.h"
#include "passes/planning/Passes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/Support/MathExtras.h"

#include <set>

namespace lapidary {
#define GEN_PASS_DEF_ADDLIMITSPASS
#include "passes/planning/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;

/// Slices of 64 KiB that are read at most, and slices of products: some
/// milliseconds of each, so that there is one that nobody interrupts.
static constexpr int64_t kMostReads = 8192, kProducts = 64;

namespace {

struct AddLimitsPass final : lapidary::impl::AddLimitsPassBase<AddLimitsPass> {
  void runOnOperation() override;
};

/// Adds programs of one dispatch at the module's end.
class Limits {
public:
  explicit Limits(ModuleOp module)
      : module(module), builder(module.getBodyRegion()) {
    builder.setInsertionPointToEnd(module.getBody());
  }

  void addRead(plan::PackOp pack) {
    auto type = cast<kernel::WeightType>(pack.getType());
    int64_t slices = std::min<int64_t>(
        kMostReads,
        llvm::divideCeil(kernel::packedBytes(type), kernel::kReadBytes));
    auto func = addKernel("read", type, slices);
    kernel::ReadOp::create(builder, module.getLoc(),
                           func.getBody().getArgument(0));
    OpBuilder body = addProgram("limit.read");
    IRMapping mapping;
    BackwardSliceOptions options;
    options.inclusive = true;
    llvm::SetVector<Operation *> recipe;
    (void)getBackwardSlice(pack.getOperation(), &recipe, options);
    for (Operation *op : recipe)
      body.clone(*op, mapping);
    addDispatch(body, func, mapping.lookup(pack.getResult()), "read");
  }

  void addMultiply(kernel::WeightFormat format) {
    StringRef name = kernel::stringifyWeightFormat(format);
    auto func = addKernel(("multiply_" + name).str(), {}, kProducts);
    kernel::MultiplyOp::create(builder, module.getLoc(), format);
    OpBuilder body = addProgram(("limit." + name).str());
    addDispatch(body, func, {}, name);
  }

private:
  /// Leaves the builder in the new kernel.
  kernel::FuncOp addKernel(StringRef name, TypeRange arguments,
                           int64_t slices) {
    builder.setInsertionPointToEnd(module.getBody());
    auto func = kernel::FuncOp::create(builder, module.getLoc(), name,
                                       llvm::to_vector(arguments),
                                       kernel::GridUnit::One, slices);
    builder.setInsertionPointToEnd(&func.getBody().front());
    return func;
  }

  OpBuilder addProgram(StringRef name) {
    builder.setInsertionPointToEnd(module.getBody());
    auto program = plan::ProgramOp::create(builder, module.getLoc(), name, 1, 1,
                                           1, IntegerAttr(), /*limit=*/true,
                                           /*function=*/StringAttr());
    return OpBuilder::atBlockBegin(&program.getBody().emplaceBlock());
  }

  void addDispatch(OpBuilder &body, kernel::FuncOp func, ValueRange operands,
                   StringRef label) {
    plan::DispatchOp::create(body, module.getLoc(), func.getSymName(), operands,
                             label, plan::PurposeAttr());
  }

  ModuleOp module;
  OpBuilder builder;
};

} // namespace

/// The format that stands for all whose rows are multiplied alike.
static kernel::WeightFormat productFormat(kernel::MatmulOp op) {
  auto format = op.getWeight().getType().getFormat();
  return format == kernel::WeightFormat::Int4 ||
                 format == kernel::WeightFormat::Planes
             ? kernel::WeightFormat::Int8
             : format;
}

void AddLimitsPass::runOnOperation() {
  // Norms, attention and routers of all models compute in float32.
  std::set<kernel::WeightFormat> formats = {kernel::WeightFormat::F32};
  getOperation().walk(
      [&](kernel::MatmulOp op) { formats.insert(productFormat(op)); });
  plan::PackOp largest;
  auto bytesOf = [](plan::PackOp op) {
    return kernel::packedBytes(op.getType());
  };
  getOperation().walk([&](plan::PackOp op) {
    auto type = dyn_cast<kernel::WeightType>(op.getType());
    if (type && !type.getOf() && (!largest || bytesOf(largest) < bytesOf(op)))
      largest = op;
  });
  if (!largest)
    return;
  Limits limits(getOperation());
  limits.addRead(largest);
  for (kernel::WeightFormat format : formats)
    limits.addMultiply(format);
}
