//===- Gemma4Config.h - Facts of a Gemma 4 checkpoint -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA4CONFIG_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA4CONFIG_H

#include "frontends/huggingface/TextConfig.h"

namespace lapidary::huggingface {

/// Feed-forward blocks of which each token takes a few.
struct ExpertFacts {
  int64_t count;
  int64_t top;
  /// Width inside each.
  int64_t width;
};

/// A Gemma 4 text model as its config.json describes it.
struct Gemma4Config : TextConfig {
  explicit Gemma4Config(TextConfig shared) : TextConfig(std::move(shared)) {}

  /// Whether full layers make their values of their keys.
  bool keysAreValues;
  /// Beside the feed-forward block that all tokens take.
  std::optional<ExpertFacts> experts;
};

/// Tokens in clusters of one size, of which the best few get logits.
struct ClusterFacts {
  int64_t count;
  int64_t top;
};

/// A draft head as its config.json describes it.
struct Gemma4DraftConfig : Gemma4Config {
  explicit Gemma4DraftConfig(Gemma4Config shared)
      : Gemma4Config(std::move(shared)) {}

  /// Width of the states of the model that it drafts for.
  int64_t targetHidden;
  /// Absent where every token gets a logit.
  std::optional<ClusterFacts> clusters;
};

/// The encoder of the same generation.
struct EmbeddingGemma2Config : Gemma4Config {
  using Gemma4Config::Gemma4Config;

  /// Width of an embedding.
  int64_t embeddingWidth;
};

/// Reads the flat (`gemma4_text`, `gemma4_unified_text`) or the wrapped
/// (`gemma4`, `gemma4_unified`) form. Fields that are absent have the defaults
/// of transformers' Gemma4TextConfig or Gemma4UnifiedTextConfig. Errors name
/// `file` and the field.
llvm::Expected<Gemma4Config> readGemma4Config(llvm::StringRef file,
                                              const llvm::json::Object &config);

/// Reads `gemma4_assistant` or `gemma4_unified_assistant`.
llvm::Expected<Gemma4DraftConfig>
readGemma4DraftConfig(llvm::StringRef file, const llvm::json::Object &config);

/// The same for `embedding_gemma2_text` and `embedding_gemma2`.
llvm::Expected<EmbeddingGemma2Config>
readEmbeddingGemma2Config(llvm::StringRef file,
                          const llvm::json::Object &config);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA4CONFIG_H
