//===- Answer.h - Generating text -------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_ANSWER_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_ANSWER_H

#include "compiler/tools/lapidary/Model.h"
#include "compiler/tools/lapidary/Options.h"

#include <functional>
#include <optional>

namespace lapidary::tool {

/// The options of generation that subcommands share.
struct GenerationOptions {
  /// Absent: until the context is full.
  std::optional<int64_t> maxTokens;
  /// Absent: the checkpoint's own.
  std::optional<double> temperature, topP, minP, repetitionPenalty;
  std::optional<int64_t> topK;
  int64_t seed = 0;
  std::vector<std::string> stopStrings;
  bool ignoreEos = false;

  void addTo(Options &options);
  /// Makes `session` sample so, and seeds its random numbers.
  void apply(const Model &model, Session &session) const;
};

/// What was generated and what it took.
struct Answer {
  std::string text;
  /// Without the token that ended the answer.
  std::vector<int32_t> ids;
  /// As lapidary_stop_reason_name, or `interrupted`.
  std::string stopReason;
  size_t promptTokens = 0;
  size_t generatedTokens = 0;
  double promptSeconds = 0;
  double generateSeconds = 0;

  bool wasInterrupted() const { return stopReason == "interrupted"; }
};

/// Called with text as soon as it is certain.
using TextSink = std::function<void(std::string_view text)>;

/// Appends `prompt`, which is not empty and fits the context, and generates.
/// Ctrl-C ends the answer between two tokens, or two pieces of the prompt.
Answer generate(const Model &model, Session &session,
                std::span<const int32_t> prompt,
                const GenerationOptions &options, const TextSink &sink);

/// Throws a Failure unless `prompt` fits into the model's context.
void requireFits(const Model &model, std::span<const int32_t> prompt);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_ANSWER_H
