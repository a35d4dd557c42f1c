//===- thread_team_test.cpp -------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/thread_team.h"

#include <atomic>
#include <cfenv>
#include <chrono>
#include <ctime>
#include <gtest/gtest.h>

using namespace lapidary;

/// Waits until `condition` holds.
template <typename Condition> static void wait_until(Condition condition) {
  while (!condition())
    std::this_thread::yield();
}

TEST(ThreadTeam, RunsOnEveryThread) {
  std::atomic<unsigned> seen = 0;
  ThreadTeam team(3, [&](unsigned thread) { seen |= 1u << thread; });
  ASSERT_EQ(team.size(), 3u);
  for (int repeat = 0; repeat < 2000; repeat++) {
    seen = 0;
    team.run();
    EXPECT_TRUE(seen & 1);
    wait_until([&] { return seen == 7; });
  }
}

TEST(ThreadTeam, MayBeTheCallerAlone) {
  std::thread::id runner;
  ThreadTeam team(1, [&](unsigned) { runner = std::this_thread::get_id(); });
  team.run();
  EXPECT_EQ(runner, std::this_thread::get_id());
}

TEST(ThreadTeam, WaitsForNoThread) {
  std::atomic<bool> held = true;
  std::atomic<int> own = 0, other = 0;
  ThreadTeam team(2, [&](unsigned thread) {
    own += thread == 0;
    other += thread == 1;
    wait_until([&] { return thread == 0 || !held; });
  });
  team.run();
  wait_until([&] { return other == 1; });
  // The other thread missed these, and makes up for them by one.
  team.run();
  team.run();
  EXPECT_EQ(own, 3);
  EXPECT_EQ(other, 1);
  held = false;
  wait_until([&] { return other == 2; });
}

TEST(ThreadTeam, WakesAfterSleep) {
  std::atomic<int> calls = 0;
  ThreadTeam team(2, [&](unsigned) { calls++; });
  for (int repeat = 0; repeat < 5; repeat++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    calls = 0;
    team.run();
    wait_until([&] { return calls == 2; });
  }
}

TEST(ThreadTeam, BurnsNothingWhenIdle) {
  ThreadTeam team(4, [](unsigned) {});
  team.run();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::clock_t begin = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 50);
}

TEST(ThreadTeam, ComputesAsIfTheCallerHadDefaultRounding) {
  std::atomic<int> right = 0;
  ThreadTeam team(
      2, [&](unsigned) { right += std::fegetround() == FE_TONEAREST; });
  std::fesetround(FE_UPWARD);
  team.run();
  EXPECT_EQ(std::fegetround(), FE_UPWARD);
  std::fesetround(FE_TONEAREST);
  wait_until([&] { return right == 2; });
}

TEST(Turn, EndsAfterSomeMillisecondsWhereOthersMayWait) {
  Turn turn(2), alone(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_FALSE(alone.offer());
  EXPECT_TRUE(turn.offer());
  // Then it begins anew.
  wait_until([&] { return !turn.offer(); });
}
