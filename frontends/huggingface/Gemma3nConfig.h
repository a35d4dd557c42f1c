//===- Gemma3nConfig.h - Facts of a Gemma 3n checkpoint ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA3NCONFIG_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA3NCONFIG_H

#include "frontends/huggingface/Slice.h"
#include "frontends/huggingface/TextConfig.h"

namespace lapidary::huggingface {

/// A Gemma 3n text model as its config.json describes it.
struct Gemma3nConfig : TextConfig {
  explicit Gemma3nConfig(TextConfig shared) : TextConfig(std::move(shared)) {}

  /// How many residual streams there are, and on which one layers compute.
  int64_t streams;
  int64_t activeStream;
  /// Whether the active stream is scaled before it meets per-layer inputs.
  bool scalesActiveStream;
  /// Width of the feed-forward block in the checkpoint, one entry per layer.
  llvm::SmallVector<int64_t> storedIntermediates;
  /// Width inside the layers' low-rank residual.
  int64_t laurelRank;
  /// The share of feed-forward gates to be closed, one entry per layer.
  llvm::SmallVector<double> sparsities;
};

/// Reads the flat (`gemma3n_text`) or the wrapped (`gemma3n`) form. Fields that
/// are absent have the defaults of transformers' Gemma3nTextConfig. Errors name
/// `file` and the field.
llvm::Expected<Gemma3nConfig>
readGemma3nConfig(llvm::StringRef file, const llvm::json::Object &config);

/// Leaves of `config` what belongs to `slice`, as `cutConfig`.
llvm::Error cutGemma3nConfig(const Slice &slice, Gemma3nConfig &config);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA3NCONFIG_H
