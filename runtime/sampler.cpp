//===- sampler.cpp - Logits to the next token -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The sets that top-k, top-p and min-p keep are all beginnings of the list of
// candidates sorted by logit, so each of them only shortens that list; it is
// sorted as far as needed and no further.
#include "runtime/sampler.h"
#include "runtime/error.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

using namespace lapidary;

/// 1, 1 / 1!, 1 / 2!, ...: correctly rounded quotients of whole numbers.
static constexpr auto inverse_factorials = [] {
  std::array<double, 14> result{};
  uint64_t factorial = 1;
  for (size_t i = 0; i < result.size(); factorial *= ++i)
    result[i] = 1.0 / static_cast<double>(factorial);
  return result;
}();

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
  double sum = 0;
  for (size_t i = inverse_factorials.size(); i-- > 0;)
    sum = sum * rest + inverse_factorials[i];
  auto exponent = static_cast<uint64_t>(1023 + static_cast<int64_t>(power));
  return sum * std::bit_cast<double>(exponent << 52);
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
static int32_t find_first(std::span<const float> logits) {
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
  int32_t best = find_first(logits);
  if (sampling_.temperature == 0 || !std::isfinite(logits[best]))
    return best;
  collect(logits);
  return choose(logits[best]);
}

size_t Sampler::best_needed(size_t vocabulary) const {
  if (sampling_.repetition_penalty != 1)
    return 0;
  if (sampling_.temperature == 0)
    return 1;
  return sampling_.top_k < vocabulary ? sampling_.top_k : 0;
}

int32_t Sampler::sample_best(std::span<const Candidate> best) {
  if (best.empty())
    fail(LAPIDARY_INTERNAL_ERROR, "none of the logits is a number");
  const Candidate &first = best.front();
  if (sampling_.temperature == 0 || !std::isfinite(first.logit))
    return first.token;
  collect(best);
  return choose(first.logit);
}

/// Of the candidates, the best of which has the logit `best`.
int32_t Sampler::choose(float best) {
  weigh(best);
  keep_top_p();
  // The best one has weight 1; what weighs nothing goes in any case.
  drop_below(
      std::max<double>(sampling_.min_p, std::numeric_limits<double>::min()));
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

void Sampler::collect(std::span<const float> logits) {
  candidates_.clear();
  if (sampling_.top_k > 0 && sampling_.top_k < logits.size()) {
    find_best(logits, sampling_.top_k, best_);
    return collect(best_);
  }
  for (size_t i = 0; i < logits.size(); i++)
    if (!std::isnan(logits[i]))
      candidates_.push_back({static_cast<int32_t>(i), logits[i], 0});
}

void Sampler::collect(std::span<const Candidate> best) {
  candidates_.clear();
  for (const Candidate &candidate : best)
    candidates_.push_back({candidate.token, candidate.logit, 0});
}

void Sampler::weigh(float best) {
  // The best has weight 1; smaller ones than this vanish in a sum with it.
  constexpr double farthest = -60;
  for (Weighted &candidate : candidates_) {
    double distance = (double(candidate.logit) - best) / sampling_.temperature;
    candidate.weight = distance < farthest ? 0 : portable_exp(distance);
  }
}

void Sampler::keep_top_p() {
  if (sampling_.top_p >= 1)
    return;
  double total = 0;
  for (const Weighted &candidate : candidates_)
    total += candidate.weight;
  // All that weigh less than this do not make up 1 - top_p together.
  double least = (1 - sampling_.top_p) * total / candidates_.size();
  drop_below(least);
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

void Sampler::drop_below(double least) {
  std::erase_if(candidates_, [least](const Weighted &candidate) {
    return candidate.weight < least;
  });
}

int32_t Sampler::draw() {
  double total = 0;
  for (const Weighted &candidate : candidates_)
    total += candidate.weight;
  double point = random_.uniform() * total;
  for (const Weighted &candidate : candidates_) {
    point -= candidate.weight;
    if (point < 0)
      return candidate.token;
  }
  // Rounding may leave the point a little past the last one.
  return candidates_.back().token;
}
