//===- Gemma3Config.h - Facts of a Gemma 3 checkpoint -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every spelling of config.json, old and new, flat and wrapped, becomes one
// struct; nothing behind it needs to know how a file spells a fact.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA3CONFIG_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA3CONFIG_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace lapidary::huggingface {

/// What a layer's queries see of the past.
enum class LayerType { Sliding, Full };

/// Rotary position embedding of one layer type; `factor` divides the angles.
struct RopeFacts {
  double base;
  double factor;
};

/// A Gemma 3 text model as its config.json describes it.
struct Gemma3Config {
  int64_t vocabulary;
  int64_t hidden;
  int64_t intermediate;
  int64_t heads;
  int64_t kvHeads;
  int64_t headDim;
  int64_t maxPositions;
  /// Keys that a query of a sliding layer sees, itself included.
  int64_t window;
  /// One entry per layer.
  llvm::SmallVector<LayerType> layerTypes;
  RopeFacts slidingRope;
  RopeFacts fullRope;
  /// Scores are multiplied by its inverse square root.
  double queryPreAttnScalar;
  double rmsNormEpsilon;
  /// Absent where logits are not capped.
  std::optional<double> finalLogitSoftcap;
  /// Whether the embedding table is also the output head.
  bool tiedEmbeddings;

  /// The rotation in layers of `type`.
  const RopeFacts &getRope(LayerType type) const {
    return type == LayerType::Full ? fullRope : slidingRope;
  }
};

/// Reads the flat (`gemma3_text`) or the wrapped (`gemma3`, with a
/// `text_config`) form. Fields that are absent have the defaults of
/// transformers' Gemma3TextConfig. Errors name `file` and the field.
llvm::Expected<Gemma3Config> readGemma3Config(llvm::StringRef file,
                                              const llvm::json::Object &config);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA3CONFIG_H
