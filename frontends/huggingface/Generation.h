//===- Generation.h - How a checkpoint wants to be sampled ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_GENERATION_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_GENERATION_H

#include "frontends/huggingface/Checkpoint.h"

namespace lapidary::huggingface {

/// Special tokens and sampling defaults of a checkpoint.
///
/// Tokens come from generation_config.json, else from config.json, else from
/// its text_config, else they are Gemma's own. Sampling comes from
/// generation_config.json alone: without it, or unless its `do_sample` is true,
/// the checkpoint is greedy, as in transformers. A sampling field that is
/// absent has the value that transformers leaves out when it saves the file.
struct Generation {
  int64_t bos = 2;
  int64_t pad = 0;
  llvm::SmallVector<int64_t> eos = {1};
  /// 0 is greedy.
  double temperature = 0.0;
  /// 0 keeps all tokens.
  int64_t topK = 0;
  double topP = 1.0;
};

/// Reads how `checkpoint` wants to be sampled. Token ids must be below
/// `vocabulary`.
llvm::Expected<Generation> readGeneration(const Checkpoint &checkpoint,
                                          int64_t vocabulary);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_GENERATION_H
