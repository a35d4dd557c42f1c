//===- ExpandKernels.h - kernel functions to LLVM functions -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_EXPANDKERNELS_H
#define LAPIDARY_TARGETS_CPU_EXPANDKERNELS_H

#include "targets/cpu/TileEmitter.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

namespace lapidary::cpu {

/// A module with one `llvm.func` of the same name for each `kernel.func` of
/// `kernels`, in scf, arith, math, vector and llvm operations:
///   void kernel(void **operands, int64_t *sizes, void *scratch,
///               int64_t begin, int64_t end).
/// `scratchBytes` becomes the most that any of them needs.
mlir::OwningOpRef<mlir::ModuleOp> expandKernels(mlir::ModuleOp kernels,
                                                const TileEmitter &tiles,
                                                uint64_t &scratchBytes);

/// Adds what lowers such a module to the llvm dialect alone.
void addLlvmPasses(mlir::OpPassManager &passes);

/// Lowers such a module to the llvm dialect alone.
mlir::LogicalResult lowerToLlvm(mlir::ModuleOp module);

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_EXPANDKERNELS_H
