//===- lapidary-translate.cpp - Brings models into IR -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Not built on mlir-translate, whose translations read one file: a checkpoint
// is a directory.
#include "frontends/huggingface/Import.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

namespace {

enum class Action { ImportHuggingFace };

} // namespace

static cl::opt<Action>
    action(cl::desc("What to do:"), cl::Required,
           cl::values(clEnumValN(Action::ImportHuggingFace, "import-hf",
                                 "print the IR of a checkpoint directory")));
static cl::opt<std::string> input(cl::Positional, cl::Required,
                                  cl::desc("<input>"));
static cl::opt<std::string> output("o", cl::init("-"), cl::value_desc("file"),
                                   cl::desc("where to write the result"));
static cl::opt<bool> roundEmbeddingScale(
    "round-embedding-scale",
    cl::desc("scale embeddings as training in the stored type did"));

/// Exit code for an input that is wrong.
static constexpr int wrongInput = 1;
/// Exit code for a bug of Lapidary.
static constexpr int internalError = 70;

static int fail(int exitCode, const Twine &message) {
  WithColor::error(errs(), "lapidary-translate") << message << '\n';
  return exitCode;
}

static int importHuggingFace(mlir::MLIRContext &context, raw_ostream &stream) {
  lapidary::huggingface::ImportOptions options;
  options.roundEmbeddingScale = roundEmbeddingScale;
  auto module =
      lapidary::huggingface::importCheckpoint(context, input, options);
  if (!module)
    return fail(wrongInput, toString(module.takeError()));
  if (failed(mlir::verify(**module)))
    return fail(internalError, "the imported module is invalid");
  (*module)->print(stream);
  return 0;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  mlir::registerAsmPrinterCLOptions();
  cl::ParseCommandLineOptions(argc, argv, "Brings models into IR\n");

  std::string message;
  std::unique_ptr<ToolOutputFile> file = mlir::openOutputFile(output, &message);
  if (!file)
    return fail(wrongInput, message);
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  SourceMgr sourceManager;
  mlir::SourceMgrDiagnosticHandler handler(sourceManager, &context);
  int exitCode = importHuggingFace(context, file->os());
  if (exitCode == 0)
    file->keep();
  return exitCode;
}
