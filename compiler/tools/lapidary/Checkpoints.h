//===- Checkpoints.h - What needs the compiler ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rest of the program uses the runtime alone, and leaves these functions to
// another one (CompilerElsewhere.cpp).
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_CHECKPOINTS_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_CHECKPOINTS_H

#include <cstdint>
#include <string>
#include <vector>

namespace lapidary::tool {

/// Compiles the checkpoint in `directory` for this machine with the default
/// options, unless the cache has the result already. Returns the path of the
/// artifact. Shows progress when it takes long.
std::string compileIntoCache(const std::string &directory);

/// The runtime's `Tokenizer` FlatBuffer for a checkpoint directory or a
/// SentencePiece model file.
std::vector<uint8_t> readTokenizer(const std::string &path);

/// One tensor of a checkpoint.
struct TensorFacts {
  std::string name, type, file;
  std::vector<int64_t> shape;
  uint64_t bytes;
};

/// Layers that remember the same stretch of the past.
struct CacheFacts {
  /// Keys that a query sees; 0 for all.
  int64_t window;
  uint64_t layers;
  /// Of what is kept of one position, in bfloat16: values, and keys unless
  /// they follow from these.
  uint64_t positionBytes;
};

/// What a checkpoint directory holds.
struct CheckpointFacts {
  /// config.json as it stands.
  std::string config;
  std::vector<TensorFacts> tensors;
  /// Positions of a sequence, and what layers keep of them. None where the
  /// checkpoint is none that can be compiled.
  int64_t context = 0;
  std::vector<CacheFacts> caches;
};

CheckpointFacts readCheckpoint(const std::string &directory);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_CHECKPOINTS_H
