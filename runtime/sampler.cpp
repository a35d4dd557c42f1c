//===- sampler.cpp - Logits to the next token -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The sets that top-k, top-p and min-p keep are all beginnings of the list of
// candidates sorted by logit, so each of them only shortens that list; it is
// sorted as far as needed and no further.
#include "runtime/sampler.h"
#include "runtime/error.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace lapidary;

double lapidary::portable_exp(double x) {
  // Contracting to fused operations would make machines differ.
#pragma STDC FP_CONTRACT OFF
  constexpr double log2_e = 0x1.71547652b82fep+0;
  // The logarithm of 2 in two parts, so that the product is exact.
  constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
  if (x < -700)
    return 0;
  double power = std::floor(x * log2_e + 0.5);
  double rest = (x - power * ln2_high) - power * ln2_low;
  // The Taylor series in Horner's form: |rest| <= ln(2) / 2.
  double sum = 1;
  for (int i = 13; i > 0; i--)
    sum = sum * rest / i + 1;
  return std::ldexp(sum, static_cast<int>(power));
}

template <typename Value>
static void expect(bool condition, const char *field, const char *range,
                   Value value) {
  if (!condition)
    fail(LAPIDARY_INVALID_ARGUMENT, "sampling field '", field, "' is ", value,
         "; expected ", range);
}

Sampler::Sampler(const lapidary_sampling &sampling)
    : sampling_(sampling), random_(sampling.seed) {
  expect(sampling.temperature >= 0 && std::isfinite(sampling.temperature),
         "temperature", "0 or above", sampling.temperature);
  expect(sampling.top_p > 0 && sampling.top_p <= 1, "top_p", "above 0, up to 1",
         sampling.top_p);
  expect(sampling.min_p >= 0 && sampling.min_p <= 1, "min_p", "0 to 1",
         sampling.min_p);
  expect(sampling.repetition_penalty > 0 &&
             std::isfinite(sampling.repetition_penalty),
         "repetition_penalty", "above 0", sampling.repetition_penalty);
}

/// The lowest of the tokens with the highest logit.
static int32_t find_best(std::span<const float> logits) {
  constexpr float lowest = -std::numeric_limits<float>::infinity();
  float best = lowest;
  int32_t token = -1;
  for (size_t i = 0; i < logits.size(); i++) {
    if (logits[i] > best || (token < 0 && logits[i] == lowest)) {
      best = logits[i];
      token = static_cast<int32_t>(i);
    }
  }
  if (token < 0)
    fail(LAPIDARY_INTERNAL_ERROR, "none of the ", logits.size(),
         " logits is a number");
  return token;
}

int32_t Sampler::sample(std::span<const float> logits,
                        std::span<const int32_t> seen) {
  if (sampling_.repetition_penalty != 1)
    logits = penalize(logits, seen);
  int32_t best = find_best(logits);
  if (sampling_.temperature == 0 || !std::isfinite(logits[best]))
    return best;
  collect(logits, logits[best]);
  keep_top_k();
  keep_top_p();
  keep_min_p();
  return draw();
}

std::span<const float> Sampler::penalize(std::span<const float> logits,
                                         std::span<const int32_t> seen) {
  penalized_.assign(logits.begin(), logits.end());
  float penalty = sampling_.repetition_penalty;
  // From the original, so that a token seen twice is penalized once.
  for (int32_t token : seen)
    penalized_[token] =
        logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
  return penalized_;
}

void Sampler::collect(std::span<const float> logits, float best) {
  candidates_.clear();
  candidates_.reserve(logits.size());
  for (size_t i = 0; i < logits.size(); i++) {
    double distance = (double(logits[i]) - best) / sampling_.temperature;
    if (distance <= 0)
      candidates_.push_back(
          {static_cast<int32_t>(i), logits[i], portable_exp(distance)});
  }
}

namespace {
/// Higher logits first, of equal ones the lower token.
struct Better {
  template <typename Candidate>
  bool operator()(const Candidate &left, const Candidate &right) const {
    return left.logit != right.logit ? left.logit > right.logit
                                     : left.token < right.token;
  }
};
} // namespace

void Sampler::keep_top_k() {
  if (sampling_.top_k == 0 || sampling_.top_k >= candidates_.size())
    return;
  auto end = candidates_.begin() + sampling_.top_k;
  std::partial_sort(candidates_.begin(), end, candidates_.end(), Better());
  candidates_.erase(end, candidates_.end());
}

void Sampler::keep_top_p() {
  if (sampling_.top_p >= 1)
    return;
  double total = 0;
  for (const Candidate &candidate : candidates_)
    total += candidate.weight;
  // Usually a few candidates are enough: sort more of them as needed.
  double sum = 0;
  for (size_t i = 0, sorted = 0; i < candidates_.size(); i++) {
    if (i == sorted) {
      sorted = std::min(candidates_.size(), 4 * sorted + 64);
      std::partial_sort(candidates_.begin() + i, candidates_.begin() + sorted,
                        candidates_.end(), Better());
    }
    sum += candidates_[i].weight;
    if (sum >= sampling_.top_p * total) {
      candidates_.resize(i + 1);
      return;
    }
  }
}

void Sampler::keep_min_p() {
  // The best candidate has weight 1.
  double least = sampling_.min_p;
  std::erase_if(candidates_, [least](const Candidate &candidate) {
    return candidate.weight < least;
  });
}

int32_t Sampler::draw() {
  double total = 0;
  for (const Candidate &candidate : candidates_)
    total += candidate.weight;
  double point = random_.uniform() * total;
  for (const Candidate &candidate : candidates_) {
    point -= candidate.weight;
    if (point < 0)
      return candidate.token;
  }
  // Rounding may leave the point a little past the last one.
  return candidates_.back().token;
}
