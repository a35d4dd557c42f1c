//===- SentenceModules.h - What follows a sentence encoder ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// sentence-transformers lists in modules.json what it does with the states of a
// transformer: pooling, linear layers, normalization. Each has a folder.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEMODULES_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEMODULES_H

#include "frontends/huggingface/Checkpoint.h"

namespace lapidary::huggingface {

/// A linear layer.
struct DenseModule {
  /// Its folder.
  std::string name;
  std::unique_ptr<SafeTensors> file;
  /// [width of the result, width of the input], within `file`.
  const Tensor *weight;
};

/// What becomes of the mean of a sequence's states.
struct SentenceModules {
  /// One after another.
  std::vector<DenseModule> dense;
  /// Whether the result has length one.
  bool normalizes = false;
};

/// Reads modules.json of `checkpoint`, whose states are `width` wide, and what
/// it names. Without such a file the mean is normalized and no more. Refuses
/// other modules, other orders, pooling but by the mean, and linear layers with
/// a bias or an activation.
llvm::Expected<SentenceModules>
readSentenceModules(const Checkpoint &checkpoint, int64_t width);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEMODULES_H
