//===- ExpandKernels.cpp - kernel functions to LLVM functions ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/ExpandKernels.h"
#include "targets/cpu/KernelEmitter.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

uint64_t cpu::expandKernel(kernel::FuncOp kernel, const TileEmitter &tiles,
                           OpBuilder &builder) {
  MLIRContext *context = kernel.getContext();
  context
      ->loadDialect<arith::ArithDialect, LLVM::LLVMDialect, math::MathDialect,
                    scf::SCFDialect, vector::VectorDialect>();
  auto pointer = LLVM::LLVMPointerType::get(context);
  Type i64 = builder.getI64Type();
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(context), {pointer, pointer, pointer, i64, i64});
  Location location = kernel.getLoc();
  auto function =
      LLVM::LLVMFuncOp::create(builder, location, kernel.getSymName(), type);
  // Operands, sizes and scratch are the runtime's own tables.
  for (unsigned i = 0; i < 3; ++i)
    function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                        builder.getUnitAttr());
  OpBuilder::InsertionGuard guard(builder);
  Block *body = function.addEntryBlock(builder);
  builder.setInsertionPointToStart(body);
  KernelEmitter emitter(builder, location, tiles, body->getArgument(0),
                        body->getArgument(1), body->getArgument(2));
  emitter.emit(kernel, body->getArgument(3), body->getArgument(4));
  LLVM::ReturnOp::create(builder, location, ValueRange());
  return emitter.scratchBytes();
}

void cpu::addLlvmPasses(OpPassManager &passes) {
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  passes.addPass(createLoopInvariantCodeMotionPass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertVectorToLLVMPass());
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  passes.addPass(createCanonicalizerPass());
}

LogicalResult cpu::lowerToLlvm(ModuleOp module) {
  PassManager passes(module.getContext());
  addLlvmPasses(passes.nest<ModuleOp>());
  return passes.run(module);
}
