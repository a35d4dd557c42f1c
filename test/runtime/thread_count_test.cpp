//===- thread_count_test.cpp ------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/thread_count.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sched.h>
#include <sstream>
#include <string>

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

namespace {
/// Control groups in a folder of their own.
class ControlGroups : public testing::Test {
protected:
  ControlGroups() {
    std::string name = testing::TempDir() + "cgroup-XXXXXX";
    root_ = mkdtemp(name.data());
  }
  ~ControlGroups() override { std::filesystem::remove_all(root_); }

  void write(const std::string &group, const char *file, const char *text) {
    std::filesystem::create_directories(root_ + group);
    std::ofstream(root_ + group + "/" + file) << text << "\n";
  }
  unsigned threads(const char *groups) const {
    std::istringstream file(groups);
    return cgroup_threads(root_, file);
  }

private:
  std::string root_;
};
} // namespace

TEST_F(ControlGroups, LimitTheirMembers) {
  write("/a/b", "cpu.max", "150000 100000");
  EXPECT_EQ(threads("0::/a/b\n"), 2u);
  write("/a/b", "cpu.max", "100000 100000");
  EXPECT_EQ(threads("0::/a/b\n"), 1u);
  write("/a/b", "cpu.max", "max 100000");
  EXPECT_EQ(threads("0::/a/b\n"), 0u);
  EXPECT_EQ(threads("0::/\n"), 0u);
}

TEST_F(ControlGroups, AreLimitedByThoseAboveThem) {
  write("/a", "cpu.max", "250000 100000");
  write("/a/b", "cpu.max", "400000 100000");
  EXPECT_EQ(threads("0::/a/b\n"), 3u);
  EXPECT_EQ(threads("0::/a\n"), 3u);
}

TEST_F(ControlGroups, OfTheFirstVersionAreFoundByTheirController) {
  write("/cpu/a", "cpu.cfs_quota_us", "150000");
  write("/cpu/a", "cpu.cfs_period_us", "50000");
  EXPECT_EQ(threads("4:memory:/a\n3:cpuset:/a\n2:cpu,cpuacct:/a\n"), 3u);
  EXPECT_EQ(threads("3:cpuset:/a\n2:cpu:/\n0::/a\n"), 0u);
  // A container names a group that it does not see below the one that it does.
  write("/cpu", "cpu.cfs_quota_us", "100000");
  write("/cpu", "cpu.cfs_period_us", "50000");
  EXPECT_EQ(threads("1:cpu:/elsewhere/b\n"), 2u);
}

TEST_F(ControlGroups, AreNoLimitWhereTheirListIsNone) {
  EXPECT_EQ(threads(""), 0u);
  EXPECT_EQ(threads("no list\n0\n:\n"), 0u);
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
