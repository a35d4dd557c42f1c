//===- thread_team_test.cpp -------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/thread_team.h"

#include <atomic>
#include <cfenv>
#include <chrono>
#include <ctime>
#include <gtest/gtest.h>

using namespace lapidary;

TEST(ThreadTeam, RunsOnEveryThread) {
  ThreadTeam team(3);
  ASSERT_EQ(team.size(), 3u);
  for (int repeat = 0; repeat < 2000; repeat++) {
    std::atomic<unsigned> seen = 0;
    auto region = [&](unsigned thread) { seen |= 1u << thread; };
    team.run(region);
    ASSERT_EQ(seen, 7u);
  }
}

TEST(ThreadTeam, MayBeTheCallerAlone) {
  ThreadTeam team(1);
  std::thread::id runner;
  auto region = [&](unsigned) { runner = std::this_thread::get_id(); };
  team.run(region);
  EXPECT_EQ(runner, std::this_thread::get_id());
}

TEST(ThreadTeam, WakesAfterSleep) {
  ThreadTeam team(2);
  for (int repeat = 0; repeat < 5; repeat++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<int> calls = 0;
    auto region = [&](unsigned) { calls++; };
    team.run(region);
    EXPECT_EQ(calls, 2);
  }
}

TEST(ThreadTeam, BurnsNothingWhenIdle) {
  ThreadTeam team(4);
  auto region = [](unsigned) {};
  team.run(region);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::clock_t begin = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 50);
}

TEST(ThreadTeam, ComputesAsIfTheCallerHadDefaultRounding) {
  ThreadTeam team(2);
  std::fesetround(FE_UPWARD);
  std::atomic<int> right = 0;
  auto region = [&](unsigned) { right += std::fegetround() == FE_TONEAREST; };
  team.run(region);
  EXPECT_EQ(right, 2);
  EXPECT_EQ(std::fegetround(), FE_UPWARD);
  std::fesetround(FE_TONEAREST);
}
