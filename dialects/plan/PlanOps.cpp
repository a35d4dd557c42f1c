//===- PlanOps.cpp - Verifiers of the dialect -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/plan/Plan.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::plan;

#define GET_OP_CLASSES
#include "dialects/plan/PlanOps.cpp.inc"

LogicalResult DispatchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // dispatch_c1. The program is no symbol table: kernels stand beside it.
  auto kernel =
      symbols.lookupNearestSymbolFrom<kernel::FuncOp>(*this, getKernelAttr());
  if (!kernel)
    return emitOpError("expects '")
           << getKernel() << "' to name a kernel.func, but there is none";
  if (llvm::equal(kernel.getArgumentTypes(), getOperandTypes()))
    return success();
  return emitOpError("expects operands of types (")
         << kernel.getArgumentTypes() << "), as '" << getKernel()
         << "' has them, but they are (" << getOperandTypes() << ")";
}
