//===- Registration.cpp - What all tools of the compiler know ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/Registration.h"

#include "dialects/gemma/Gemma.h"
#include "dialects/kernel/Kernel.h"
#include "dialects/plan/Plan.h"
#include "passes/fusion/Passes.h"
#include "passes/planning/Passes.h"
#include "passes/quantization/Passes.h"
#include "passes/simplify/Passes.h"
#include "targets/cpu/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/Passes.h"

#include <mutex>

void lapidary::registerEverything(mlir::DialectRegistry &registry) {
  registry.insert<mlir::arith::ArithDialect, mlir::func::FuncDialect,
                  gemma::GemmaDialect, kernel::KernelDialect, plan::PlanDialect,
                  mlir::LLVM::LLVMDialect, mlir::math::MathDialect,
                  mlir::scf::SCFDialect, mlir::vector::VectorDialect>();
}

static void registerOnce() {
  mlir::registerTransformsPasses();
  lapidary::registerSimplifyPasses();
  lapidary::registerSimplifyPipeline();
  lapidary::registerFusionPasses();
  lapidary::registerFusionPipeline();
  lapidary::registerQuantizationPasses();
  lapidary::registerQuantizationPipeline();
  lapidary::registerPlanningPasses();
  lapidary::registerPlanningPipeline();
  lapidary::cpu::registerCpuPasses();
}

void lapidary::registerAllLapidaryPasses() {
  static std::once_flag once;
  std::call_once(once, registerOnce);
}
