//===- thread_team.h - Threads that work in step ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between regions the team spins for some tens of microseconds, since the next
// token follows soon, and then sleeps: an idle model burns nothing.
#ifndef LAPIDARY_RUNTIME_THREAD_TEAM_H
#define LAPIDARY_RUNTIME_THREAD_TEAM_H

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace lapidary {

/// A number that threads wait for to change: spinning first, then asleep.
class Signal {
public:
  uint32_t value() const { return value_.load(std::memory_order_acquire); }
  /// Changes the number and wakes who waits.
  void advance();
  /// Returns when the number is no longer `seen`.
  void wait_past(uint32_t seen) const;

private:
  std::atomic<uint32_t> value_{0};
};

/// Threads that run one region of code together, the caller among them.
class ThreadTeam {
public:
  /// Starts `threads` - 1 threads. Fails with LAPIDARY_OUT_OF_MEMORY.
  explicit ThreadTeam(unsigned threads);
  ThreadTeam(const ThreadTeam &) = delete;
  ~ThreadTeam();

  unsigned size() const { return static_cast<unsigned>(workers_.size()) + 1; }

  /// Calls `region(thread)` on every thread, with 0 on the caller's, and
  /// returns when all are done. `region` must not throw. One run at a time.
  template <typename Region> void run(Region &region) {
    run([](void *context,
           unsigned thread) { (*static_cast<Region *>(context))(thread); },
        &region);
  }

private:
  using Call = void (*)(void *context, unsigned thread);

  void run(Call call, void *context);
  void work(unsigned thread);
  void stop();

  Call call_ = nullptr;
  void *context_ = nullptr;
  bool stopping_ = false;
  alignas(64) Signal begin_;
  alignas(64) std::atomic<unsigned> busy_{0};
  alignas(64) Signal end_;
  std::vector<std::thread> workers_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_THREAD_TEAM_H
