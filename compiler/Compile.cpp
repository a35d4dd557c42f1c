//===- Compile.cpp - A checkpoint becomes an artifact -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/Compile.h"
#include "compiler/ArtifactWriter.h"
#include "compiler/Errors.h"
#include "compiler/Registration.h"
#include "dialects/gemma/Gemma.h"
#include "frontends/huggingface/Import.h"
#include "frontends/huggingface/SentencePrompts.h"
#include "frontends/huggingface/Tokenizer.h"
#include "passes/fusion/Passes.h"
#include "passes/planning/Passes.h"
#include "passes/quantization/Passes.h"
#include "passes/simplify/Passes.h"
#include "targets/Registry.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <chrono>

using namespace mlir;
using namespace lapidary;
using llvm::Error;
using llvm::Expected;

namespace {

/// One compilation, stage by stage.
class Compilation {
public:
  explicit Compilation(const CompileOptions &options);

  Error run();

private:
  Error checkEmit();
  Error selectTargets();
  Error import();
  Error setContext();
  Error transform();
  Error runOwnPipeline();
  Error runStage(StringRef name, llvm::function_ref<void(OpPassManager &)> add);
  Error generateCode();
  /// The program that an `exe` is built around; null for other kinds.
  Expected<std::unique_ptr<llvm::MemoryBuffer>> readStandalone();
  Error write();
  /// Writes the module to `<dumpIr>/<name>.mlir`.
  Error dump(StringRef name);
  /// Ends a stage and begins the next.
  void begin(StringRef stage, double fraction);

  const CompileOptions &options;
  DialectRegistry registry;
  std::unique_ptr<MLIRContext> context;
  std::string diagnostics;
  OwningOpRef<ModuleOp> module;
  std::vector<uint8_t> tokenizer;
  huggingface::SentencePrompts prompts;
  SmallVector<const Target *> targets;
  SmallVector<CompiledVariant> variants;
  int dumped = 0;
  std::chrono::steady_clock::time_point began;
  std::string stage;
  /// How much the stage made, where that can be told.
  uint64_t stageBytes = 0;
  /// What else there is to tell of it.
  std::string stageNote;
};

} // namespace

Compilation::Compilation(const CompileOptions &options) : options(options) {
  registerEverything(registry);
  context = std::make_unique<MLIRContext>(registry);
  context->loadAllAvailableDialects();
  context->getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      diagnostics += diagnostic.str() + "\n";
    else
      llvm::errs() << "lapidary: " << diagnostic.str() << "\n";
    return success();
  });
}

void Compilation::begin(StringRef name, double fraction) {
  auto now = std::chrono::steady_clock::now();
  if (options.stats && !stage.empty()) {
    llvm::errs() << llvm::format(
        "%-24s %8.3f s", stage.c_str(),
        std::chrono::duration<double>(now - began).count());
    if (stageBytes)
      llvm::errs() << llvm::format(" %12.3f MB", stageBytes / 1e6);
    llvm::errs() << stageNote << "\n";
  }
  stageBytes = 0;
  stageNote.clear();
  began = now;
  stage = name.str();
  if (options.progress)
    options.progress(name, fraction);
}

Error Compilation::dump(StringRef name) {
  if (options.dumpIr.empty())
    return Error::success();
  SmallString<128> path(options.dumpIr);
  llvm::sys::path::append(path, llvm::Twine(dumped++) + "-" + name + ".mlir");
  std::error_code error = llvm::sys::fs::create_directories(options.dumpIr);
  if (!error) {
    llvm::raw_fd_ostream out(path, error);
    if (!error)
      module->print(out);
  }
  if (error)
    return llvm::make_error<InputError>(
        "'" + path + "' cannot be written: " + error.message());
  return Error::success();
}

Error Compilation::checkEmit() {
  if (options.emit == "lap" || options.emit == "exe")
    return Error::success();
  return llvm::make_error<InputError>(
      "'--emit' can be lap or exe, but it is '" + options.emit + "'");
}

Error Compilation::selectTargets() {
  for (const std::string &name : options.targets) {
    auto found = lookUpTargets(name);
    if (!found)
      return llvm::make_error<InputError>(llvm::toString(found.takeError()));
    for (const Target *target : *found)
      if (!llvm::is_contained(targets, target))
        targets.push_back(target);
  }
  // The registry's order is that of preference.
  llvm::sort(targets, [](const Target *a, const Target *b) {
    return llvm::find(allTargets(), a) < llvm::find(allTargets(), b);
  });
  return Error::success();
}

Error Compilation::import() {
  begin("import", 0);
  auto slice = huggingface::parseSlice(options.slice);
  if (!slice)
    return slice.takeError();
  auto nested = huggingface::parseNested(options.nested);
  if (!nested)
    return nested.takeError();
  auto imported = huggingface::importCheckpoint(
      *context, {options.checkpoint, std::move(*slice), std::move(*nested),
                 options.draft});
  if (!imported)
    return imported.takeError();
  module = std::move(*imported);
  if (options.emit == "exe" && module->lookupSymbol(gemma::kEmbedName))
    return llvm::make_error<InputError>(
        "'--emit exe' makes a program that answers prompts, but '" +
        options.checkpoint + "' makes embeddings");
  auto config =
      (*module)->getAttrOfType<gemma::ConfigAttr>(gemma::kConfigAttrName);
  auto read =
      huggingface::readTokenizer(options.checkpoint, config.getVocabulary());
  if (!read)
    return read.takeError();
  tokenizer = std::move(*read);
  auto readPrompts = huggingface::readSentencePrompts(options.checkpoint);
  if (!readPrompts)
    return readPrompts.takeError();
  prompts = std::move(*readPrompts);
  if (Error error = setContext())
    return error;
  return dump("import");
}

/// The angles of positions up to here are reduced exactly.
static constexpr int64_t kMaxContext = 1 << 20;

Error Compilation::setContext() {
  if (!options.context)
    return Error::success();
  auto config =
      (*module)->getAttrOfType<gemma::ConfigAttr>(gemma::kConfigAttrName);
  if (options.context < 0 || options.context > kMaxContext)
    return llvm::make_error<InputError>(
        "'--context' must be between 1 and " + llvm::Twine(kMaxContext) +
        ", but it is " + llvm::Twine(options.context));
  if (options.context > config.getMaxPositions())
    module->emitWarning() << "the model was trained on "
                          << config.getMaxPositions() << " positions, not on "
                          << options.context << " as '--context' allows";
  auto changed = gemma::ConfigAttr::get(
      context.get(), config.getName(), config.getArchitecture(),
      config.getLayers(), config.getHidden(), config.getVocabulary(),
      options.context, config.getBos(), config.getPad(), config.getEos(),
      config.getChatTemplate(), config.getTemperature(), config.getTopK(),
      config.getTopP());
  (*module)->setAttr(gemma::kConfigAttrName, changed);
  return Error::success();
}

Error Compilation::runStage(StringRef name,
                            llvm::function_ref<void(OpPassManager &)> add) {
  PassManager passes(context.get());
  add(passes);
  if (failed(passes.run(*module)))
    return llvm::make_error<InputError>("stage '" + name +
                                        "' failed: " + diagnostics);
  return dump(name);
}

static Expected<WeightFormat> parseScheme(StringRef name) {
  auto scheme = llvm::StringSwitch<WeightFormat>(name)
                    .Case("f32", WeightFormat::F32)
                    .Case("bf16", WeightFormat::BF16)
                    .Case("int8", WeightFormat::Int8)
                    .Case("int4", WeightFormat::Int4)
                    .Default(WeightFormat::Automatic);
  if (scheme != WeightFormat::Automatic)
    return scheme;
  return llvm::make_error<InputError>(
      "'--quant' can be f32, bf16, int8 or int4, but it is '" + name + "'");
}

/// Whether everything that a dispatch names has its place.
static bool isPlaced(plan::ProgramOp program) {
  for (auto dispatch : program.getOps<plan::DispatchOp>())
    for (Value operand : dispatch.getOperands()) {
      Operation *place = operand.getDefiningOp();
      if (isa<plan::BufferOp, plan::PackOp, plan::RopeFrequenciesOp>(place) &&
          !place->hasAttr("offset"))
        return false;
    }
  return true;
}

Error Compilation::runOwnPipeline() {
  registerAllLapidaryPasses();
  OpPassManager parsed(ModuleOp::getOperationName());
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  if (failed(parsePassPipeline(options.pipeline, parsed, stream)))
    return llvm::make_error<InputError>("'--pipeline' cannot be parsed: " +
                                        StringRef(messages).trim());
  if (Error error =
          runStage("pipeline", [&](OpPassManager &passes) { passes = parsed; }))
    return error;
  auto programs = (*module).getOps<plan::ProgramOp>();
  if (!programs.empty() && llvm::all_of(programs, isPlaced))
    return Error::success();
  return llvm::make_error<InputError>(
      "'--pipeline' expects to leave plan.programs with all buffers and "
      "weights placed; end it with 'plan-pipeline'");
}

Error Compilation::transform() {
  begin("passes", 0.01);
  if (!options.pipeline.empty())
    return runOwnPipeline();
  auto scheme = parseScheme(options.quant);
  if (!scheme)
    return scheme.takeError();
  SimplifyPipelineOptions simplify;
  // As trained; without it the reference in float32.
  simplify.roundEmbeddingScale = *scheme != WeightFormat::F32;
  QuantizationPipelineOptions quantization;
  quantization.scheme = *scheme;
  LowerToPlanPassOptions planning;
  planning.kv = options.kv;
  if (Error error = runStage("simplify", [&](OpPassManager &passes) {
        addSimplifyPipeline(passes, simplify);
      }))
    return error;
  if (Error error = runStage("fusion", addFusionPipeline))
    return error;
  if (Error error = runStage("quantization", [&](OpPassManager &passes) {
        addQuantizationPipeline(passes, quantization);
      }))
    return error;
  return runStage("planning", [&](OpPassManager &passes) {
    addPlanningPipeline(passes, planning);
  });
}

Error Compilation::generateCode() {
  CodeCache cache(options.codeCache);
  size_t kernels = llvm::range_size((*module).getOps<kernel::FuncOp>());
  for (auto [i, target] : llvm::enumerate(targets)) {
    begin(("code for " + target->name()).str(),
          0.02 + 0.08 * i / targets.size());
    auto image = target->compile(*module, cache, options.dumpIr);
    if (!image)
      return image.takeError();
    stageBytes = image->bytes.size();
    stageNote = llvm::formatv(", {0} of {1} kernels from the cache",
                              image->cachedKernels, kernels);
    variants.push_back({target, std::move(*image)});
  }
  return Error::success();
}

Expected<std::unique_ptr<llvm::MemoryBuffer>> Compilation::readStandalone() {
  if (options.emit == "lap")
    return nullptr;
  static int anchor;
  SmallString<128> path(llvm::sys::path::parent_path(
      llvm::sys::fs::getMainExecutable(nullptr, &anchor)));
  llvm::sys::path::append(path, "lapidary-standalone");
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return llvm::make_error<MachineError>(
        "'" + path +
        "', the program that an executable is built around, "
        "cannot be read: " +
        file.getError().message());
  return std::move(*file);
}

Error Compilation::write() {
  begin("weights", 0.1);
  auto executable = readStandalone();
  if (!executable)
    return executable.takeError();
  ArtifactContents contents;
  if (*executable)
    contents.executable = (*executable)->getBuffer();
  contents.module = *module;
  contents.quantization = options.quant;
  contents.variants = variants;
  contents.tokenizer = tokenizer;
  contents.prompts = prompts;
  Error error = writeArtifact(contents, options.output, [&](double part) {
    if (options.progress)
      options.progress("weights", 0.1 + 0.9 * part);
  });
  (void)llvm::sys::fs::file_size(options.output, stageBytes);
  begin("", 1);
  return error;
}

Error Compilation::run() {
  if (Error error = checkEmit())
    return error;
  if (Error error = selectTargets())
    return error;
  if (Error error = import())
    return error;
  if (Error error = transform())
    return error;
  if (Error error = generateCode())
    return error;
  return write();
}

Error lapidary::compile(const CompileOptions &options) {
  return Compilation(options).run();
}
