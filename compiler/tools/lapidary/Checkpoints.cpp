//===- Checkpoints.cpp - What needs the compiler ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Checkpoints.h"
#include "compiler/tools/lapidary/CompileToFile.h"
#include "compiler/tools/lapidary/Failure.h"
#include "dialects/gemma/Gemma.h"
#include "frontends/huggingface/Checkpoint.h"
#include "frontends/huggingface/Import.h"
#include "frontends/huggingface/Tokenizer.h"
#include "passes/simplify/Passes.h"
#include "runtime/include/lapidary.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

#include <map>

using namespace lapidary;
using namespace lapidary::tool;
using namespace llvm;

namespace fs = llvm::sys::fs;

//===----------------------------------------------------------------------===//
// The cache
//===----------------------------------------------------------------------===//

/// Adds what tells one state of a file from another.
static void describeFile(raw_ostream &os, const Twine &path) {
  fs::file_status status;
  if (!fs::status(path, status))
    os << sys::path::filename(path.str()) << ' ' << status.getSize() << ' '
       << status.getLastModificationTime().time_since_epoch().count() << '\n';
}

/// A number that changes when a file of the checkpoint, this program, or an
/// option changes.
static uint64_t hashState(StringRef directory) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end;
       it != end && !error; it.increment(error)) {
    files.push_back(it->path());
    // Parts of a model have folders of their own, without folders in them.
    if (it.level() == 1)
      it.no_push();
  }
  llvm::sort(files);
  std::string state = lapidary_version();
  raw_string_ostream os(state);
  describeFile(os, fs::getMainExecutable(nullptr, (void *)&compileIntoCache));
  for (const std::string &file : files)
    describeFile(os, file);
  return xxh3_64bits(state);
}

static std::string getCacheDirectory() {
  std::optional<std::string> path = findCacheDirectory();
  if (!path)
    failInput("no place for the compiled model: set XDG_CACHE_HOME or HOME, or "
              "use 'lapidary compile'");
  if (std::error_code error = fs::create_directories(*path))
    failInput(*path, ": cannot create: ", error.message());
  return *path;
}

/// Removes what was compiled from earlier states of the same checkpoint:
/// `prefix` is that of all of them, `current` stays.
static void removeStale(StringRef prefix, StringRef current) {
  StringRef directory = sys::path::parent_path(prefix);
  std::error_code error;
  std::vector<std::string> stale;
  for (fs::directory_iterator it(directory, error), end; it != end && !error;
       it.increment(error))
    if (StringRef(it->path()).starts_with(prefix) && it->path() != current)
      stale.push_back(it->path());
  for (const std::string &path : stale)
    // One that is in use elsewhere or gone already does no harm.
    (void)fs::remove(path);
}

std::string tool::compileIntoCache(const std::string &directory) {
  SmallString<128> real;
  if (std::error_code error = fs::real_path(directory, real))
    failInput(directory, ": cannot open: ", error.message());
  std::string prefix =
      formatv("{0}/{1}-{2:x-16}-", getCacheDirectory(),
              sys::path::filename(real), xxh3_64bits(real.str()));
  std::string artifact = formatv("{0}{1:x-16}.lap", prefix, hashState(real));
  if (fs::exists(artifact))
    return artifact;
  CompileOptions options;
  options.checkpoint = directory;
  options.output = artifact;
  compileToFile(options);
  removeStale(prefix, artifact);
  return artifact;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

template <typename Value> static Value take(Expected<Value> value) {
  check(value.takeError());
  return std::move(*value);
}

/// Rows of the embedding table by config.json; without bound where it does not
/// say.
static int64_t getVocabulary(const json::Object &config) {
  const json::Object *text = config.getObject("text_config");
  for (const json::Object *object : {text, &config})
    if (object)
      if (std::optional<int64_t> size = object->getInteger("vocab_size"))
        return *size;
  return std::numeric_limits<int32_t>::max();
}

std::vector<uint8_t> tool::readTokenizer(const std::string &path) {
  if (!fs::is_directory(path))
    return take(huggingface::readTokenizerFile(path));
  auto checkpoint = take(huggingface::Checkpoint::open(path));
  int64_t rows = getVocabulary(checkpoint->getConfig());
  auto tables = take(huggingface::readTokenizer(path, rows));
  if (tables.empty())
    failInput(path, ": has no tokenizer: neither tokenizer.model nor "
                    "tokenizer.json is there");
  return tables;
}

/// Adds to `facts` what the model in `directory` remembers, if it is one.
static void readCaches(StringRef directory, CheckpointFacts &facts) {
  mlir::MLIRContext context;
  context.getDiagEngine().registerHandler(
      [](mlir::Diagnostic &) { return mlir::success(); });
  auto module = huggingface::importCheckpoint(
      context,
      {.directory = directory, .slice = {}, .nested = {}, .draft = {}});
  if (!module)
    return consumeError(module.takeError());
  mlir::PassManager passes(&context);
  passes.addPass(createDeriveKeysPass());
  if (failed(passes.run(module->get())))
    return;
  facts.context = (*module)
                      ->getOperation()
                      ->getAttrOfType<gemma::ConfigAttr>(gemma::kConfigAttrName)
                      .getMaxPositions();
  std::map<int64_t, CacheFacts> byWindow;
  for (auto cache : (*module)->getOps<gemma::CacheOp>()) {
    auto type = cast<gemma::KvType>(cache.getType());
    CacheFacts &group = byWindow[cache.getWindow()];
    group.window = cache.getWindow();
    ++group.layers;
    group.positionBytes += (type.getValuesOnly() ? 1 : 2) * sizeof(uint16_t) *
                           type.getHeads() * type.getDim();
  }
  for (const auto &[window, group] : byWindow)
    facts.caches.push_back(group);
}

CheckpointFacts tool::readCheckpoint(const std::string &directory) {
  auto checkpoint = take(huggingface::Checkpoint::open(directory));
  CheckpointFacts facts;
  json::Object config = checkpoint->getConfig();
  facts.config = formatv("{0}", json::Value(std::move(config)));
  for (const huggingface::Tensor *tensor : checkpoint->getTensors())
    facts.tensors.push_back({tensor->name.str(),
                             huggingface::getName(tensor->type).str(),
                             sys::path::filename(tensor->file).str(),
                             {tensor->shape.begin(), tensor->shape.end()},
                             tensor->bytes.size()});
  readCaches(directory, facts);
  return facts;
}
