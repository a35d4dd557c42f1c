//===- thread_count.h - How many threads are useful -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_THREAD_COUNT_H
#define LAPIDARY_RUNTIME_THREAD_COUNT_H

#include <iosfwd>
#include <string>
#include <string_view>

namespace lapidary {

/// Processors that this process may use at once, at least 1: its affinity,
/// limited by the quotas of its control groups.
unsigned usable_threads();

/// The processors that `quota` allows, a text as in cgroup v2's cpu.max
/// (`200000 100000`, `max 100000`), rounded up; 0: no limit.
unsigned quota_threads(std::string_view quota);

/// The strictest quota of the control groups that `groups` names, a file as
/// /proc/self/cgroup, and of those above them, whose files are below `root`;
/// 0: no limit.
unsigned cgroup_threads(const std::string &root, std::istream &groups);

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_THREAD_COUNT_H
