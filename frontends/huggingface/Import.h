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

/// A model, and what comes with it.
struct ImportRequest {
  /// A checkpoint directory.
  llvm::StringRef directory;
  /// The model in it that is meant.
  Slice slice;
  /// Others within that model, which get functions of their own: "text.<name>".
  llvm::SmallVector<NestedSlice> nested;
  /// The directory of a draft head, whose function stands beside that of the
  /// model; empty for none.
  llvm::StringRef draft;
};

/// Builds the module of gemma operations that checkpoints describe. Its
/// parameters refer to the checkpoints' files by path. Tensors that stay unused
/// are reported through the context's diagnostics.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importCheckpoint(mlir::MLIRContext &context, const ImportRequest &request);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_IMPORT_H
