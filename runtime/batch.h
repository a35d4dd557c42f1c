//===- batch.h - Rows of several sequences as program runs ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_BATCH_H
#define LAPIDARY_RUNTIME_BATCH_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lapidary {

/// Consecutive tokens of one entry of a step.
struct Stretch {
  size_t entry;
  /// Index of the first one in the entry's tokens.
  uint64_t first;
  uint32_t count;

  bool operator==(const Stretch &) const = default;
};

/// What one run of a program computes: its rows, in order.
using Run = std::vector<Stretch>;

/// Cuts entries with `token_counts` tokens into runs of at most `max_rows`
/// rows, all full but the last.
std::vector<Run> cut_into_runs(std::span<const uint64_t> token_counts,
                               uint32_t max_rows);

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_BATCH_H
