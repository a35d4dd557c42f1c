//===- Checkpoint.cpp - A Hugging Face checkpoint directory -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Checkpoint.h"
#include "frontends/huggingface/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

static constexpr StringLiteral singleFileName = "model.safetensors";
static constexpr StringLiteral indexFileName = "model.safetensors.index.json";

bool huggingface::isPlainFileName(StringRef name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(StringRef("/\\\0", 3)) == StringRef::npos;
}

Expected<std::unique_ptr<Checkpoint>> Checkpoint::open(StringRef directory) {
  if (!sys::fs::is_directory(directory))
    return inputError(directory, "expected a checkpoint directory");
  std::unique_ptr<Checkpoint> checkpoint(new Checkpoint(directory));
  if (Error error = checkpoint->readConfigs())
    return std::move(error);
  if (Error error = checkpoint->openWeights())
    return std::move(error);
  return std::move(checkpoint);
}

std::string Checkpoint::getPath(StringRef name) const {
  SmallString<128> path(directory);
  sys::path::append(path, name);
  return path.str().str();
}

std::string Checkpoint::getName() const {
  SmallString<128> path(directory);
  (void)sys::fs::make_absolute(path);
  sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return sys::path::filename(path).str();
}

std::optional<std::string> Checkpoint::findFile(StringRef name) const {
  std::string path = getPath(name);
  if (!sys::fs::is_regular_file(path))
    return std::nullopt;
  return path;
}

const json::Object *Checkpoint::getGenerationConfig() const {
  return generationConfig ? &*generationConfig : nullptr;
}

Error Checkpoint::readConfigs() {
  Expected<json::Object> main = readJsonFile(getPath("config.json"));
  if (!main)
    return main.takeError();
  config = std::move(*main);

  std::optional<std::string> path = findFile("generation_config.json");
  if (!path)
    return Error::success();
  Expected<json::Object> generation = readJsonFile(*path);
  if (!generation)
    return generation.takeError();
  generationConfig = std::move(*generation);
  return Error::success();
}

/// A single file wins over an index, as in transformers.
Error Checkpoint::openWeights() {
  weightsPath = getPath(singleFileName);
  if (findFile(singleFileName))
    return openShard(singleFileName);
  if (findFile(indexFileName)) {
    weightsPath = getPath(indexFileName);
    return openShards();
  }
  StringRef advice =
      findFile("pytorch_model.bin") || findFile("pytorch_model.bin.index.json")
          ? "; convert pytorch_model.bin to safetensors"
          : "";
  return inputError(directory, formatv("expected '{0}' or '{1}', but found "
                                       "neither{2}",
                                       singleFileName, indexFileName, advice));
}

/// The file of each tensor by the index's `weight_map`.
static Expected<std::map<StringRef, StringRef>>
readWeightMap(StringRef indexPath, const json::Object &index) {
  const json::Object *weightMap = index.getObject("weight_map");
  if (!weightMap)
    return inputError(indexPath, "field 'weight_map' must be an object");
  std::map<StringRef, StringRef> shardOf;
  for (const auto &[tensor, value] : *weightMap) {
    std::optional<StringRef> shard = value.getAsString();
    if (!shard || !isPlainFileName(*shard))
      return inputError(indexPath,
                        formatv("field 'weight_map.{0}' must be a file name "
                                "without a folder, but it is {1}",
                                StringRef(tensor), describe(value)));
    shardOf.emplace(StringRef(tensor), *shard);
  }
  return shardOf;
}

Error Checkpoint::openShards() {
  Expected<json::Object> index = readJsonFile(weightsPath);
  if (!index)
    return index.takeError();
  Expected<std::map<StringRef, StringRef>> shardOf =
      readWeightMap(weightsPath, *index);
  if (!shardOf)
    return shardOf.takeError();

  for (const auto &[tensor, shard] : *shardOf) {
    if (!files.count(shard.str())) {
      if (!findFile(shard))
        return inputError(weightsPath,
                          formatv("shard '{0}', which holds tensor '{1}', is "
                                  "missing",
                                  shard, tensor));
      if (Error error = openShard(shard))
        return error;
    }
    if (!files[shard.str()]->find(tensor))
      return inputError(weightsPath,
                        formatv("tensor '{0}' must be in shard '{1}', but is "
                                "not",
                                tensor, shard));
  }
  return Error::success();
}

Error Checkpoint::openShard(StringRef shard) {
  Expected<std::unique_ptr<SafeTensors>> opened =
      SafeTensors::open(getPath(shard));
  if (!opened)
    return opened.takeError();
  for (const Tensor &tensor : (*opened)->getTensors())
    if (const Tensor *other = find(tensor.name))
      return inputError(tensor.file, formatv("tensor '{0}' is also in '{1}'",
                                             tensor.name, other->file));
  files[shard.str()] = std::move(*opened);
  return Error::success();
}

const Tensor *Checkpoint::find(StringRef name) const {
  for (const auto &[fileName, file] : files)
    if (const Tensor *tensor = file->find(name))
      return tensor;
  return nullptr;
}

std::vector<const Tensor *> Checkpoint::getTensors() const {
  std::vector<const Tensor *> tensors;
  for (const auto &[fileName, file] : files)
    for (const Tensor &tensor : file->getTensors())
      tensors.push_back(&tensor);
  return tensors;
}
