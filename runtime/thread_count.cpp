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

/// The quota of the group in `folder`, as either version of control groups
/// spells it.
static unsigned group_quota(const std::string &folder) {
  return stricter(quota_threads(first_line(folder + "/cpu.max")),
                  quota_threads(first_line(folder + "/cpu.cfs_quota_us") + " " +
                                first_line(folder + "/cpu.cfs_period_us")));
}

/// The strictest quota from the group `path` of the hierarchy in `root` up to
/// its top.
static unsigned hierarchy_quota(const std::string &root, std::string path) {
  unsigned limit = 0;
  while (true) {
    limit = stricter(limit, group_quota(root + path));
    size_t parent = path.rfind('/');
    if (parent == std::string::npos)
      return limit;
    path.resize(parent);
  }
}

unsigned lapidary::cgroup_threads(const std::string &root,
                                  std::istream &groups) {
  unsigned limit = 0;
  // NUMBER:CONTROLLERS:PATH; version 2 names no controllers.
  for (std::string line; std::getline(groups, line);) {
    size_t controllers = line.find(':') + 1;
    size_t path = line.find(':', controllers) + 1;
    if (controllers == 0 || path == 0)
      continue;
    std::string names = "," + line.substr(controllers, path - controllers - 1);
    if (names == ",")
      limit = stricter(limit, hierarchy_quota(root, line.substr(path)));
    else if ((names + ",").find(",cpu,") != std::string::npos)
      limit =
          stricter(limit, hierarchy_quota(root + "/cpu", line.substr(path)));
  }
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
  std::ifstream groups("/proc/self/cgroup");
  return std::max(1u, stricter(affinity_threads(),
                               cgroup_threads("/sys/fs/cgroup", groups)));
}
