//===- thread_count.cpp - How many threads are useful ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/thread_count.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sched.h>
#include <string>
#include <thread>

using namespace lapidary;

unsigned lapidary::quota_threads(std::string_view quota) {
  std::string text(quota);
  char *rest = nullptr;
  long long allowed = std::strtoll(text.c_str(), &rest, 10);
  long long period = std::strtoll(rest, nullptr, 10);
  // `max`, and cgroup v1's -1, are no limit.
  if (allowed <= 0 || period <= 0)
    return 0;
  return static_cast<unsigned>((allowed + period - 1) / period);
}

static std::string first_line(const std::string &path) {
  std::string line;
  std::getline(std::ifstream(path), line);
  return line;
}

/// The smaller limit, where 0 is none.
static unsigned stricter(unsigned left, unsigned right) {
  return left && right ? std::min(left, right) : std::max(left, right);
}

/// The strictest quota from the group `path` of a v2 hierarchy up to its root.
static unsigned unified_quota(std::string path) {
  unsigned limit = 0;
  while (true) {
    limit = stricter(
        limit, quota_threads(first_line("/sys/fs/cgroup" + path + "/cpu.max")));
    size_t parent = path.rfind('/');
    if (parent == std::string::npos)
      return limit;
    path.resize(parent);
  }
}

static unsigned legacy_quota() {
  const std::string folder = "/sys/fs/cgroup/cpu/";
  return quota_threads(first_line(folder + "cpu.cfs_quota_us") + " " +
                       first_line(folder + "cpu.cfs_period_us"));
}

static unsigned cgroup_quota() {
  std::ifstream groups("/proc/self/cgroup");
  unsigned limit = legacy_quota();
  for (std::string line; std::getline(groups, line);)
    if (line.starts_with("0::"))
      limit = stricter(limit, unified_quota(line.substr(3)));
  return limit;
}

static unsigned affinity_threads() {
  cpu_set_t processors;
  if (sched_getaffinity(0, sizeof(processors), &processors) == 0)
    return CPU_COUNT(&processors);
  // More processors than a cpu_set_t holds.
  return std::thread::hardware_concurrency();
}

unsigned lapidary::usable_threads() {
  return std::max(1u, stricter(affinity_threads(), cgroup_quota()));
}
