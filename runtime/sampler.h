//===- sampler.h - Logits to the next token ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_SAMPLER_H
#define LAPIDARY_RUNTIME_SAMPLER_H

#include "runtime/candidates.h"
#include "runtime/include/lapidary.h"
#include "runtime/random.h"

#include <cstdint>
#include <span>
#include <vector>

namespace lapidary {

/// Chooses tokens as `lapidary_sampling` describes; one for each session.
class Sampler {
public:
  /// Fails with LAPIDARY_INVALID_ARGUMENT and names the field.
  explicit Sampler(const lapidary_sampling &sampling);

  /// Starts the random numbers again.
  void restart() { random_ = Random(sampling_.seed); }

  /// Chooses from `logits` after the tokens `seen`. Logits that are no numbers
  /// are never chosen; fails with LAPIDARY_INTERNAL_ERROR when there are only
  /// such.
  int32_t sample(std::span<const float> logits, std::span<const int32_t> seen);

  /// How many of the best of `vocabulary` logits are enough to choose from; 0
  /// where all are needed.
  size_t best_needed(size_t vocabulary) const;
  /// Chooses from that many as `sample` from all.
  int32_t sample_best(std::span<const Candidate> best);

private:
  struct Weighted {
    int32_t token;
    float logit;
    /// Not yet divided by the sum of all.
    double weight;
  };

  std::span<const float> penalize(std::span<const float> logits,
                                  std::span<const int32_t> seen);
  void collect(std::span<const float> logits);
  void collect(std::span<const Candidate> best);
  int32_t choose(float best);
  void weigh(float best);
  void keep_top_p();
  void drop_below(double least);
  int32_t draw();

  lapidary_sampling sampling_;
  Random random_;
  std::vector<float> penalized_;
  std::vector<Candidate> best_;
  std::vector<Weighted> candidates_;
};

/// e to the power of `x` <= 0, to about 1e-15 and bit for bit the same on every
/// machine.
double portable_exp(double x);

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_SAMPLER_H
