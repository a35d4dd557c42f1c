//===- Import.cpp - From a checkpoint to gemma IR ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Import.h"
#include "dialects/gemma/Gemma.h"
#include "frontends/huggingface/Families.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using llvm::Expected, llvm::StringRef;

Expected<mlir::OwningOpRef<mlir::ModuleOp>>
huggingface::importCheckpoint(mlir::MLIRContext &context, StringRef directory) {
  context.loadDialect<mlir::func::FuncDialect, gemma::GemmaDialect>();
  auto checkpoint = Checkpoint::open(directory);
  if (!checkpoint)
    return checkpoint.takeError();
  Expected<Importer *> import = findImporter(**checkpoint);
  if (!import)
    return import.takeError();
  return (*import)(context, **checkpoint);
}
