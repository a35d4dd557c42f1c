//===- Passes.cpp - Kernels as loops, loops as LLVM -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/Passes.h"
#include "targets/cpu/ExpandKernels.h"
#include "targets/cpu/Machine.h"
#include "targets/cpu/arm/Machines.h"
#include "targets/cpu/x86/Machines.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"

namespace lapidary::cpu {
#define GEN_PASS_DEF_EXPANDKERNELSPASS
#define GEN_PASS_DEF_LOWERTOLLVMPASS
#include "targets/cpu/Passes.h.inc"
} // namespace lapidary::cpu

using namespace mlir;
using namespace lapidary;

/// The machine of that name or the plainest of that architecture; null if there
/// is none.
static const cpu::Machine *findMachine(StringRef name) {
  std::vector<const Target *> targets;
  cpu::addX86Machines(targets);
  cpu::addArmMachines(targets);
  for (const Target *target : llvm::reverse(targets))
    if (name == target->name() || name == target->architecture())
      return static_cast<const cpu::Machine *>(target);
  return nullptr;
}

namespace {

struct ExpandKernelsPass final
    : cpu::impl::ExpandKernelsPassBase<ExpandKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    const cpu::Machine *machine = findMachine(target);
    if (!machine) {
      emitError(getOperation().getLoc())
          << "target '" << target << "' is no CPU that kernels expand for";
      return signalPassFailure();
    }
    OwningOpRef<ModuleOp> code = ModuleOp::create(getOperation().getLoc());
    OpBuilder builder(code->getBodyRegion());
    for (auto kernel : getOperation().getOps<kernel::FuncOp>())
      cpu::expandKernel(kernel, machine->tiles(), builder);
    getOperation().getBodyRegion().takeBody(code->getBodyRegion());
  }
};

struct LowerToLlvmPass final : cpu::impl::LowerToLlvmPassBase<LowerToLlvmPass> {
  LowerToLlvmPass() { cpu::addLlvmPasses(passes); }

  void getDependentDialects(DialectRegistry &registry) const override {
    passes.getDependentDialects(registry);
  }

  void runOnOperation() override {
    if (failed(runPipeline(passes, getOperation())))
      signalPassFailure();
  }

  OpPassManager passes{ModuleOp::getOperationName()};
};

} // namespace
