//===- Scoring.h - How likely a model finds texts ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_SCORING_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_SCORING_H

#include "compiler/tools/lapidary/Model.h"

#include <optional>

namespace lapidary::tool {

/// The documents of a perplexity file, which each end by a line `<eos>`.
struct Documents {
  std::vector<std::vector<int32_t>> tokens;
  /// Of their texts.
  uint64_t bytes = 0;
};

/// Reads the documents of `path` as tokens of `model`: bos, then the text with
/// its control symbols parsed.
Documents readDocuments(const std::string &path, const Model &model);

/// Sums over all tokens but bos.
struct Likelihood {
  double nll = 0;
  uint64_t tokens = 0;

  double getPerplexity() const;
};

/// How the predictions of a model differ from those of a reference.
struct Divergence {
  /// Of the reference itself.
  Likelihood reference;
  /// Kullback-Leibler divergence from the reference, in nats per token.
  double mean = 0, median = 0, percentile999 = 0;
  /// The share of tokens for which both find the same one most likely.
  double sameTop = 0;
};

struct Score {
  Likelihood likelihood;
  /// Present when there was a reference.
  std::optional<Divergence> divergence;
};

/// Scores `documents`, several side by side. `reference` may be null; else it
/// has the same vocabulary.
Score score(const Documents &documents, const Model &model,
            const Model *reference);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_SCORING_H
