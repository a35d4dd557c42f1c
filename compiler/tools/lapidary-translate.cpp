//===- lapidary-translate.cpp - Models into IR, IR into numbers -*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Not built on mlir-translate, whose translations read one file: a checkpoint
// is a directory.
#include "compiler/Evaluate.h"
#include "compiler/Registration.h"
#include "frontends/huggingface/Import.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

namespace {

enum class Action { ImportHuggingFace, Evaluate };

} // namespace

static cl::opt<Action>
    action(cl::desc("What to do:"), cl::Required,
           cl::values(clEnumValN(Action::ImportHuggingFace, "import-hf",
                                 "print the IR of a checkpoint directory"),
                      clEnumValN(Action::Evaluate, "evaluate",
                                 "run IR of the gemma dialect by its "
                                 "formulas: functions that take no tensors, "
                                 "or with --input the model")));
static cl::opt<std::string> input(cl::Positional, cl::Required,
                                  cl::desc("<input>"));
static cl::opt<std::string>
    draft("draft", cl::value_desc("directory"),
          cl::desc("import-hf: a draft head for the checkpoint"));
static cl::opt<std::string>
    nested("nested", cl::value_desc("models"),
           cl::desc("import-hf: smaller models within the checkpoint's"));
static cl::opt<std::string> output("o", cl::init("-"), cl::value_desc("file"),
                                   cl::desc("where to write the result"));
static cl::opt<std::string> tokens(
    "input", cl::value_desc("file"),
    cl::desc("evaluate: safetensors file with 'input_ids' and maybe "
             "'attention_mask'; the output has 'logits' or 'embedding'"));
static cl::opt<std::string> sourceDirectory(
    "source-dir", cl::value_desc("directory"),
    cl::desc("evaluate: where relative names of parameter files start"));
static cl::opt<int64_t>
    stepSize("step-size", cl::init(0), cl::value_desc("n"),
             cl::desc("evaluate: tokens of a sequence that one step takes, "
                      "the rest waits (default: all)"));
static cl::opt<std::string>
    entry("entry", cl::value_desc("name"),
          cl::desc("evaluate: the only function to run (default: all)"));

/// Exit code for an input that is wrong.
static constexpr int wrongInput = 1;
/// Exit code for a bug of Lapidary.
static constexpr int internalError = 70;

static int fail(int exitCode, const Twine &message) {
  WithColor::error(errs(), "lapidary-translate") << message << '\n';
  return exitCode;
}

static int importHuggingFace(mlir::MLIRContext &context, raw_ostream &stream) {
  namespace huggingface = lapidary::huggingface;
  auto parsed = huggingface::parseNested(nested);
  if (!parsed)
    return fail(wrongInput, toString(parsed.takeError()));
  auto module = huggingface::importCheckpoint(
      context, {input, {}, std::move(*parsed), draft});
  if (!module)
    return fail(wrongInput, toString(module.takeError()));
  if (failed(mlir::verify(**module)))
    return fail(internalError, "the imported module is invalid");
  (*module)->print(stream);
  return 0;
}

static int evaluate(mlir::MLIRContext &context, SourceMgr &sourceManager,
                    raw_ostream &stream) {
  auto module =
      mlir::parseSourceFile<mlir::ModuleOp>(input, sourceManager, &context);
  if (!module)
    return wrongInput;
  lapidary::EvaluateOptions options{sourceDirectory, stepSize};
  Error error =
      tokens.empty()
          ? lapidary::evaluateFunctions(*module, entry, options, stream)
          : lapidary::evaluateModel(*module, tokens, options, stream);
  return error ? fail(wrongInput, toString(std::move(error))) : 0;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  mlir::registerAsmPrinterCLOptions();
  cl::ParseCommandLineOptions(
      argc, argv, "Brings models into IR and runs IR by its formulas\n");

  std::string message;
  std::unique_ptr<ToolOutputFile> file = mlir::openOutputFile(output, &message);
  if (!file)
    return fail(wrongInput, message);
  mlir::DialectRegistry registry;
  lapidary::registerEverything(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  SourceMgr sourceManager;
  mlir::SourceMgrDiagnosticHandler handler(sourceManager, &context);
  int exitCode = action == Action::Evaluate
                     ? evaluate(context, sourceManager, file->os())
                     : importHuggingFace(context, file->os());
  if (exitCode == 0)
    file->keep();
  return exitCode;
}
