//===- Checkpoint.h - A Hugging Face checkpoint directory -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// config.json, generation_config.json and the weights: one model.safetensors,
// or the shards that model.safetensors.index.json names.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_CHECKPOINT_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_CHECKPOINT_H

#include "frontends/huggingface/SafeTensors.h"
#include <map>

namespace lapidary::huggingface {

/// Whether `name`, which stands in a file of a checkpoint, names a file or a
/// folder beside it; anything else could read foreign files.
bool isPlainFileName(llvm::StringRef name);

/// An opened checkpoint directory. Tensors that it hands out live as long as
/// it does.
class Checkpoint {
public:
  /// Opens `directory`, reads its configuration files and maps its weights.
  static llvm::Expected<std::unique_ptr<Checkpoint>>
  open(llvm::StringRef directory);

  Checkpoint(const Checkpoint &) = delete;
  Checkpoint &operator=(const Checkpoint &) = delete;

  llvm::StringRef getDirectory() const { return directory; }

  /// The directory's own name, which people use for the model.
  std::string getName() const;

  /// The path of `name` inside the directory, whether or not it exists.
  std::string getPath(llvm::StringRef name) const;

  /// The path of the file `name`, such as "tokenizer.model", if it exists.
  std::optional<std::string> findFile(llvm::StringRef name) const;

  const llvm::json::Object &getConfig() const { return config; }

  /// generation_config.json, or null if the checkpoint has none.
  const llvm::json::Object *getGenerationConfig() const;

  /// The tensor called `name` from whichever file holds it, or null.
  const Tensor *find(llvm::StringRef name) const;

  /// All tensors, file by file in the order of their bytes.
  std::vector<const Tensor *> getTensors() const;

  /// The file that messages about absent tensors name: the single weight file
  /// or the index.
  llvm::StringRef getWeightsPath() const { return weightsPath; }

private:
  explicit Checkpoint(llvm::StringRef directory) : directory(directory) {}

  llvm::Error readConfigs();
  llvm::Error openWeights();
  llvm::Error openShards();
  llvm::Error openShard(llvm::StringRef shard);

  std::string directory;
  std::string weightsPath;
  llvm::json::Object config;
  std::optional<llvm::json::Object> generationConfig;
  /// By file name, so that messages and listings do not depend on hashing.
  std::map<std::string, std::unique_ptr<SafeTensors>> files;
};

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_CHECKPOINT_H
