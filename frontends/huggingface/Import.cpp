//===- Import.cpp - From a checkpoint to gemma IR ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Import.h"
#include "dialects/gemma/Gemma.h"
#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/Json.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using llvm::Expected, llvm::StringRef;

static Expected<mlir::OwningOpRef<mlir::ModuleOp>>
import(mlir::MLIRContext &context, StringRef directory,
       const ImportOptions &options) {
  context.loadDialect<mlir::func::FuncDialect, gemma::GemmaDialect>();
  auto checkpoint = Checkpoint::open(directory);
  if (!checkpoint)
    return checkpoint.takeError();
  Expected<Importer *> importer = findImporter(**checkpoint);
  if (!importer)
    return importer.takeError();
  if (!options.slice.isWhole() && *importer != importGemma3n)
    return inputError((*checkpoint)->getPath("config.json"),
                      "describes no MatFormer model, as '--slice' expects; "
                      "Gemma 3n is one");
  return (*importer)(context, **checkpoint, options);
}

Expected<mlir::OwningOpRef<mlir::ModuleOp>>
huggingface::importCheckpoint(mlir::MLIRContext &context, StringRef directory,
                              const Slice &slice) {
  return import(context, directory, {.slice = slice});
}

Expected<mlir::OwningOpRef<mlir::ModuleOp>>
huggingface::importWithDraft(mlir::MLIRContext &context, StringRef directory,
                             StringRef draft, const Slice &slice) {
  auto checkpoint = Checkpoint::open(draft);
  if (!checkpoint)
    return checkpoint.takeError();
  Expected<DraftImporter *> importer = findDraftImporter(**checkpoint);
  if (!importer)
    return importer.takeError();
  auto module =
      import(context, directory, {.slice = slice, .givesStates = true});
  if (!module)
    return module;
  if (llvm::Error error = (*importer)(**module, **checkpoint))
    return std::move(error);
  return module;
}
