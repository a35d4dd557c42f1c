//===- thread_team.h - Threads that work in step ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between regions the team spins for some tens of microseconds, since the next
// token follows soon, and then sleeps: an idle model burns nothing.
#ifndef LAPIDARY_RUNTIME_THREAD_TEAM_H
#define LAPIDARY_RUNTIME_THREAD_TEAM_H

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
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

/// A thread's time on its processor since it last let others have it. A thread
/// that never does is suspended in the middle of something, and its team waits.
class Turn {
public:
  /// Begins a turn of one of `threads` that work together; a single one may
  /// be suspended anywhere.
  explicit Turn(unsigned threads) : shared_(threads > 1) {}

  /// Lets others have the processor if the turn was long enough, and tells
  /// whether it was. To be called where nobody waits for the caller.
  bool offer();

private:
  bool shared_;
  std::chrono::steady_clock::time_point began_ =
      std::chrono::steady_clock::now();
};

/// Threads that work together, the caller among them.
class ThreadTeam {
public:
  /// Starts `threads` - 1 threads for `work`, which must not throw. Fails with
  /// LAPIDARY_OUT_OF_MEMORY.
  ThreadTeam(unsigned threads, std::function<void(unsigned thread)> work);
  ThreadTeam(const ThreadTeam &) = delete;
  /// Returns when all threads have ended.
  ~ThreadTeam();

  unsigned size() const { return static_cast<unsigned>(workers_.size()) + 1; }

  /// Calls `work(0)` on the caller's thread, and has the others call
  /// `work(thread)`. Waits for none of them: a thread that the system suspends
  /// may come when this has returned, once for several runs. One run at a time.
  void run();

private:
  void wait_and_work(unsigned thread);
  void stop();

  const std::function<void(unsigned thread)> work_;
  std::atomic<bool> stopping_ = false;
  alignas(64) Signal begin_;
  std::vector<std::thread> workers_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_THREAD_TEAM_H
