//===- ExpandKernels.h - kernel functions to LLVM functions -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_EXPANDKERNELS_H
#define LAPIDARY_TARGETS_CPU_EXPANDKERNELS_H

#include "targets/cpu/TileEmitter.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

namespace lapidary::cpu {

/// Builds the `llvm.func` of the same name for `kernel`, in scf, arith, math,
/// vector and llvm operations:
///   void kernel(void **operands, int64_t *sizes, void *scratch,
///               int64_t begin, int64_t end).
/// Returns how many bytes of scratch it needs.
uint64_t expandKernel(kernel::FuncOp kernel, const TileEmitter &tiles,
                      mlir::OpBuilder &builder);

/// Adds what lowers a module of such functions to the llvm dialect alone.
void addLlvmPasses(mlir::OpPassManager &passes);

/// Lowers the modules in `module`, of such functions, to the llvm dialect
/// alone.
mlir::LogicalResult lowerToLlvm(mlir::ModuleOp module);

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_EXPANDKERNELS_H
