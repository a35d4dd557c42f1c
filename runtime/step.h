//===- step.h - What a run is told about its rows ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_STEP_H
#define LAPIDARY_RUNTIME_STEP_H

#include <cstdint>
#include <vector>

namespace lapidary {

/// How many units of each kind a run has, in the order that kernels expect.
struct StepSizes {
  int64_t rows;
  int64_t blocks;
  int64_t wanted;
  /// How many of the best logits are asked for; 0: all.
  int64_t best = 0;
};

/// What a run is told about its rows; every array has room for the widest
/// program. See `OperandKind` in schema/artifact.fbs.
struct StepInputs {
  struct Block {
    int32_t first;
    int32_t count;
  };

  int32_t *tokens;
  int32_t *positions;
  int32_t *ends;
  int32_t *source_ends;
  Block *blocks;
  int32_t *wanted;
  uint64_t *allowed;
  /// For each cache group the page table of every row.
  std::vector<void ***> pages;
  /// What functions take besides, by its number; rows are as far apart as the
  /// function says.
  std::vector<float *> rows;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_STEP_H
