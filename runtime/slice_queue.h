//===- slice_queue.h - Shares out the slices of commands --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Threads go through the same stages; each stage is a number of slices. A
// stage ends when its slices are done, not when all threads were there: one
// that the system suspended, or that is still waking up, holds nobody up unless
// it has a slice in hand, and skips what it missed. So that it seldom has, a
// thread lets others have the processor now and then between two slices.
#ifndef LAPIDARY_RUNTIME_SLICE_QUEUE_H
#define LAPIDARY_RUNTIME_SLICE_QUEUE_H

#include "runtime/thread_team.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace lapidary {

/// Hands out slices, one stage after the other.
class SliceQueue {
public:
  /// The most slices of a stage.
  static constexpr uint64_t max_slices = uint64_t(1) << 31;

  /// The stage that comes next where nobody works. Stages are numbered from 0
  /// on, and from 0 again after 2^32.
  uint32_t stage() const {
    return static_cast<uint32_t>(state_.load(std::memory_order_acquire) /
                                 stage_unit);
  }

  /// Takes part in `stage`, which has `total` > 0 slices: calls
  /// `work(begin, end)` for one of `shares` of the slices that are left,
  /// rounded up, until all are taken, and returns when all are done, whoever
  /// did them. Every thread must name the stages in order with the same totals,
  /// and has a `turn` of its own.
  template <typename Work>
  void run_stage(uint32_t stage, uint64_t total, uint64_t shares, Turn &turn,
                 Work work) {
    while (true) {
      turn.offer();
      uint32_t seen = passed_.value();
      uint64_t state = state_.load(std::memory_order_acquire);
      if (state / stage_unit != stage)
        return;
      uint64_t begin = state % stage_unit;
      if (begin == total) {
        passed_.wait_past(seen);
        continue;
      }
      uint64_t end = begin + (total - begin + shares - 1) / shares;
      if (!state_.compare_exchange_weak(state, state + (end - begin),
                                        std::memory_order_relaxed))
        continue;
      work(begin, end);
      finish(stage, total, end - begin);
    }
  }

private:
  /// A stage is worth this much in `state_`, a slice taken 1.
  static constexpr uint64_t stage_unit = uint64_t(1) << 32;

  /// Notes that `count` slices are done, and ends the stage with the last.
  void finish(uint32_t stage, uint64_t total, uint64_t count) {
    if (done_.fetch_add(count, std::memory_order_acq_rel) + count < total)
      return;
    done_.store(0, std::memory_order_relaxed);
    state_.store(uint32_t(stage + 1) * stage_unit, std::memory_order_release);
    passed_.advance();
  }

  /// The stage and how many of its slices are taken, in one number so that a
  /// late thread cannot take slices of a stage that it is not in.
  alignas(64) std::atomic<uint64_t> state_{0};
  alignas(64) std::atomic<uint64_t> done_{0};
  /// Changes with every stage.
  alignas(64) Signal passed_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_SLICE_QUEUE_H
