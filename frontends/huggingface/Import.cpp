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
using llvm::Expected;

static Expected<mlir::OwningOpRef<mlir::ModuleOp>>
import(mlir::MLIRContext &context, const ImportRequest &request,
       bool givesStates) {
  auto checkpoint = Checkpoint::open(request.directory);
  if (!checkpoint)
    return checkpoint.takeError();
  Expected<Importer *> importer = findImporter(**checkpoint);
  if (!importer)
    return importer.takeError();
  bool isWhole = request.slice.isWhole() && request.nested.empty();
  if (!isWhole && *importer != importGemma3n)
    return inputError((*checkpoint)->getPath("config.json"),
                      "describes no MatFormer model, as '--slice' and "
                      "'--nested' expect; Gemma 3n is one");
  if (!request.slice.isWhole() && !request.nested.empty())
    return inputError((*checkpoint)->getPath("config.json"),
                      "is cut by '--slice', which leaves nothing that "
                      "'--nested' could share");
  return (*importer)(context, **checkpoint,
                     {request.slice, request.nested, givesStates});
}

Expected<mlir::OwningOpRef<mlir::ModuleOp>>
huggingface::importCheckpoint(mlir::MLIRContext &context,
                              const ImportRequest &request) {
  context.loadDialect<mlir::func::FuncDialect, gemma::GemmaDialect>();
  if (request.draft.empty())
    return import(context, request, /*givesStates=*/false);
  auto checkpoint = Checkpoint::open(request.draft);
  if (!checkpoint)
    return checkpoint.takeError();
  Expected<DraftImporter *> importer = findDraftImporter(**checkpoint);
  if (!importer)
    return importer.takeError();
  auto module = import(context, request, /*givesStates=*/true);
  if (!module)
    return module;
  if (llvm::Error error = (*importer)(**module, **checkpoint))
    return std::move(error);
  return module;
}
