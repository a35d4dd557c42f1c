//===- thread_count_test.cpp ------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/thread_count.h"

#include <gtest/gtest.h>
#include <sched.h>

using namespace lapidary;

TEST(ThreadCount, ReadsQuotas) {
  EXPECT_EQ(quota_threads("200000 100000"), 2u);
  EXPECT_EQ(quota_threads("150000 100000\n"), 2u);
  EXPECT_EQ(quota_threads("50000 100000"), 1u);
}

TEST(ThreadCount, TakesTheRestForNoLimit) {
  for (const char *text : {"max 100000", "-1 100000", "", " ", "100000", "1 0"})
    EXPECT_EQ(quota_threads(text), 0u) << text;
}

TEST(ThreadCount, StaysWithinTheAffinity) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  EXPECT_GE(usable_threads(), 1u);
  EXPECT_LE(usable_threads(), unsigned(CPU_COUNT(&before)));
  CPU_ZERO(&one);
  for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
    if (CPU_ISSET(cpu, &before))
      CPU_SET(cpu, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(usable_threads(), 1u);
  sched_setaffinity(0, sizeof(before), &before);
}
