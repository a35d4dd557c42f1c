//===- RecurrentGemmaConfig.h - Facts of a RecurrentGemma -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_RECURRENTGEMMACONFIG_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_RECURRENTGEMMACONFIG_H

#include "frontends/huggingface/TextConfig.h"

namespace lapidary::huggingface {

/// How a layer mixes the rows of a sequence.
enum class BlockType { Recurrent, Attention };

/// A RecurrentGemma as its config.json describes it.
struct RecurrentGemmaConfig : TextConfig {
  explicit RecurrentGemmaConfig(TextConfig shared)
      : TextConfig(std::move(shared)) {}

  /// One entry per layer.
  llvm::SmallVector<BlockType> blockTypes;
  /// Columns of a recurrent block's state.
  int64_t recurrentWidth;
  /// Rows that its convolution sees, its own included.
  int64_t taps;
  /// Columns of a head that rotate: the first of them.
  int64_t rotaryWidth;
};

/// Reads `recurrent_gemma`. Fields that are absent have the defaults of
/// transformers' RecurrentGemmaConfig. Errors name `file` and the field.
llvm::Expected<RecurrentGemmaConfig>
readRecurrentGemmaConfig(llvm::StringRef file,
                         const llvm::json::Object &config);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_RECURRENTGEMMACONFIG_H
