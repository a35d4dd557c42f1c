//===- RowOps.h - The kernel operations of row-wise ones --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_PASSES_PLANNING_ROWOPS_H
#define LAPIDARY_PASSES_PLANNING_ROWOPS_H

#include "dialects/gemma/Gemma.h"
#include "dialects/kernel/Kernel.h"
#include "mlir/IR/Builders.h"

namespace lapidary {

/// Writes the kernel operations that compute a row of each result of `op`, a
/// row-wise operation of gemma that is no product, from the rows of its
/// activations and the places of its weights, both in the order of its
/// operands.
llvm::SmallVector<mlir::Value> createRowOp(mlir::OpBuilder &b,
                                           mlir::Operation *op,
                                           mlir::ValueRange rows,
                                           mlir::ValueRange places);

} // namespace lapidary

#endif // LAPIDARY_PASSES_PLANNING_ROWOPS_H
