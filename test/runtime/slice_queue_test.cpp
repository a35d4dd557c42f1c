//===- slice_queue_test.cpp -------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/slice_queue.h"

#include <chrono>
#include <gtest/gtest.h>

using namespace lapidary;

TEST(SliceQueue, HandsOutEverySliceOnce) {
  ThreadTeam team(3);
  SliceQueue queue;
  for (uint64_t total : {1, 2, 3, 7, 100, 1001}) {
    std::vector<std::atomic<int>> calls(total);
    queue.restart();
    auto region = [&](unsigned) {
      queue.run_stage(0, total, 4, [&](uint64_t begin, uint64_t end) {
        EXPECT_EQ(end - begin, (total - begin + 3) / 4);
        for (uint64_t slice = begin; slice < end; slice++)
          calls[slice]++;
      });
    };
    team.run(region);
    for (auto &count : calls)
      EXPECT_EQ(count, 1);
  }
}

TEST(SliceQueue, EndsAStageBeforeTheNext) {
  ThreadTeam team(3);
  SliceQueue queue;
  constexpr uint64_t stages = 5000;
  std::atomic<uint64_t> done = 0, mistakes = 0;
  auto region = [&](unsigned) {
    for (uint64_t stage = 0; stage < stages; stage++) {
      queue.run_stage(stage, 5, 2, [&](uint64_t begin, uint64_t end) {
        mistakes += done < 5 * stage;
        done += end - begin;
        mistakes += done > 5 * (stage + 1);
      });
      mistakes += done < 5 * (stage + 1);
    }
  };
  team.run(region);
  EXPECT_EQ(mistakes, 0u);
  EXPECT_EQ(done, 5 * stages);
}

TEST(SliceQueue, DoesNotWaitForThreadsWithoutASlice) {
  ThreadTeam team(2);
  SliceQueue queue;
  std::atomic<bool> finished = false;
  std::atomic<int> calls = 0;
  auto region = [&](unsigned thread) {
    // The second thread comes when the first has been through everything.
    while (thread == 1 && !finished)
      std::this_thread::yield();
    for (uint64_t stage = 0; stage < 10; stage++)
      queue.run_stage(stage, 1, 1, [&](uint64_t, uint64_t) { calls++; });
    finished = true;
  };
  team.run(region);
  EXPECT_EQ(calls, 10);
}

TEST(SliceQueue, WaitsForASliceInHand) {
  ThreadTeam team(2);
  SliceQueue queue;
  std::atomic<int> done = 0, mistakes = 0;
  auto region = [&](unsigned) {
    queue.run_stage(0, 2, 2, [&](uint64_t begin, uint64_t) {
      if (begin == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      done++;
    });
    mistakes += done != 2;
  };
  team.run(region);
  EXPECT_EQ(mistakes, 0);
}
