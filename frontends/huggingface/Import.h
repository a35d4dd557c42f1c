//===- Import.h - From a checkpoint to gemma IR -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The face of this folder. Only configurations and headers are read, so that
// time and memory do not grow with the weights.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_IMPORT_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_IMPORT_H

#include "frontends/huggingface/Slice.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace lapidary::huggingface {

/// Builds the module of gemma operations that the checkpoint at `directory`
/// describes, or the model in it that `slice` names. Its parameters refer to
/// the checkpoint's files by path. Tensors that stay unused are reported
/// through the context's diagnostics.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importCheckpoint(mlir::MLIRContext &context, llvm::StringRef directory,
                 const Slice &slice = Slice());

/// The same with the draft head at `draft`, whose function stands beside that
/// of the model.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importWithDraft(mlir::MLIRContext &context, llvm::StringRef directory,
                llvm::StringRef draft, const Slice &slice = Slice());

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_IMPORT_H
