//===- candidates.cpp - The best logits of a row --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/candidates.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

using namespace lapidary;

/// The vocabulary is large and the count is small: a heap with the worst of the
/// best on top sees most logits only once.
void lapidary::find_best(std::span<const float> logits, size_t count,
                         std::vector<Candidate> &best) {
  best.clear();
  for (size_t i = 0; i < logits.size(); i++) {
    Candidate candidate{static_cast<int32_t>(i), logits[i]};
    if (best.size() == count) {
      if (!(candidate.logit > best.front().logit))
        continue;
      std::pop_heap(best.begin(), best.end(), Better());
      best.pop_back();
    } else if (std::isnan(candidate.logit)) {
      continue;
    }
    best.push_back(candidate);
    std::push_heap(best.begin(), best.end(), Better());
  }
  std::sort_heap(best.begin(), best.end(), Better());
}

void lapidary::leave_out(std::span<float> logits,
                         std::span<const uint64_t> allowed) {
  for (size_t i = 0; i < logits.size(); i++)
    if (!(allowed[i / 64] >> i % 64 & 1))
      logits[i] = std::numeric_limits<float>::quiet_NaN();
}

void lapidary::read_keys(std::span<const int64_t> keys,
                         std::vector<Candidate> &best) {
  constexpr int32_t last = std::numeric_limits<int32_t>::max();
  best.clear();
  for (int64_t key : keys) {
    if (key == std::numeric_limits<int64_t>::min())
      return;
    auto order = static_cast<int32_t>(key >> 32);
    int32_t bits = order < 0 ? order ^ last : order;
    best.push_back(
        {last - static_cast<int32_t>(key & last), std::bit_cast<float>(bits)});
  }
}
