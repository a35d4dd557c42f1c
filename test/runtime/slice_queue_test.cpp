//===- slice_queue_test.cpp -------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/slice_queue.h"

#include <chrono>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

using namespace lapidary;

namespace {
/// Calls `region` on threads of its own and on the caller's, and waits for all.
template <typename Region> void run_on(unsigned threads, Region region) {
  std::vector<std::jthread> others;
  for (unsigned thread = 1; thread < threads; thread++)
    others.emplace_back([&region, thread] { region(thread); });
  region(0);
}
} // namespace

TEST(SliceQueue, HandsOutEverySliceOnce) {
  SliceQueue queue;
  for (uint64_t total : {1, 2, 3, 7, 100, 1001}) {
    std::vector<std::atomic<int>> calls(total);
    uint32_t stage = queue.stage();
    run_on(3, [&](unsigned) {
      Turn turn(2);
      queue.run_stage(stage, total, 4, turn, [&](uint64_t begin, uint64_t end) {
        EXPECT_EQ(end - begin, (total - begin + 3) / 4);
        for (uint64_t slice = begin; slice < end; slice++)
          calls[slice]++;
      });
    });
    for (auto &count : calls)
      EXPECT_EQ(count, 1);
    EXPECT_EQ(queue.stage(), stage + 1);
  }
}

TEST(SliceQueue, EndsAStageBeforeTheNext) {
  SliceQueue queue;
  constexpr uint32_t stages = 5000;
  std::atomic<uint64_t> done = 0, mistakes = 0;
  run_on(3, [&](unsigned) {
    Turn turn(2);
    for (uint32_t stage = 0; stage < stages; stage++) {
      queue.run_stage(stage, 5, 2, turn, [&](uint64_t begin, uint64_t end) {
        mistakes += done < 5 * stage;
        done += end - begin;
        mistakes += done > 5 * (stage + 1);
      });
      mistakes += done < 5 * (stage + 1);
    }
  });
  EXPECT_EQ(mistakes, 0u);
  EXPECT_EQ(done, 5 * stages);
}

TEST(SliceQueue, DoesNotWaitForThreadsWithoutASlice) {
  SliceQueue queue;
  std::atomic<bool> finished = false;
  std::atomic<int> calls = 0;
  run_on(2, [&](unsigned thread) {
    // The second thread comes when the first has been through everything.
    while (thread == 1 && !finished)
      std::this_thread::yield();
    Turn turn(2);
    for (uint32_t stage = 0; stage < 10; stage++)
      queue.run_stage(stage, 1, 1, turn, [&](uint64_t, uint64_t) { calls++; });
    finished = true;
  });
  EXPECT_EQ(calls, 10);
}

TEST(SliceQueue, WaitsForASliceInHand) {
  SliceQueue queue;
  std::atomic<int> done = 0, mistakes = 0;
  run_on(2, [&](unsigned) {
    Turn turn(2);
    queue.run_stage(0, 2, 2, turn, [&](uint64_t begin, uint64_t) {
      if (begin == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      done++;
    });
    mistakes += done != 2;
  });
  EXPECT_EQ(mistakes, 0);
}
