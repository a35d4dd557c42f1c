//===- batch.cpp - Rows of several sequences as program runs --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/batch.h"

#include <algorithm>

using namespace lapidary;

std::vector<Run> lapidary::cut_into_runs(std::span<const uint64_t> token_counts,
                                         uint32_t max_rows) {
  std::vector<Run> runs;
  uint32_t room = 0;
  for (size_t entry = 0; entry < token_counts.size(); entry++) {
    for (uint64_t first = 0; first < token_counts[entry];) {
      if (room == 0) {
        runs.emplace_back();
        room = max_rows;
      }
      uint64_t left = token_counts[entry] - first;
      auto count = static_cast<uint32_t>(std::min<uint64_t>(left, room));
      runs.back().push_back({entry, first, count});
      first += count;
      room -= count;
    }
  }
  return runs;
}
