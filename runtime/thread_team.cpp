//===- thread_team.cpp - Threads that work in step ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/thread_team.h"
#include "runtime/error.h"
#include "runtime/machine.h"

#include <cfenv>
#include <chrono>
#include <system_error>
#include <utility>

using namespace lapidary;

/// How long a thread spins: longer than the work between two tokens, shorter
/// than what anybody would notice as load.
static constexpr std::chrono::microseconds spin_time{60};
/// Spins between two looks at the clock.
static constexpr int spins_per_look = 64;
/// How long a thread keeps its processor: less than what systems give it when
/// others wait for it, commonly 3 to 4 ms.
static constexpr std::chrono::milliseconds turn_time{2};

void Signal::advance() {
  value_.fetch_add(1);
  value_.notify_all();
}

void Signal::wait_past(uint32_t seen) const {
  auto deadline = std::chrono::steady_clock::now() + spin_time;
  do {
    for (int spin = 0; spin < spins_per_look; spin++) {
      if (value() != seen)
        return;
      relax_processor();
    }
  } while (std::chrono::steady_clock::now() < deadline);
  value_.wait(seen, std::memory_order_acquire);
}

bool Turn::offer() {
  if (!shared_ || std::chrono::steady_clock::now() - began_ < turn_time)
    return false;
  std::this_thread::yield();
  began_ = std::chrono::steady_clock::now();
  return true;
}

namespace {
/// Sets the rounding and denormal handling that kernels expect, whatever the
/// caller's thread has, and puts the caller's back.
class FloatingPointScope {
public:
  FloatingPointScope() {
    std::fegetenv(&saved);
    std::fesetenv(FE_DFL_ENV);
  }
  ~FloatingPointScope() { std::fesetenv(&saved); }

private:
  std::fenv_t saved;
};
} // namespace

ThreadTeam::ThreadTeam(unsigned threads,
                       std::function<void(unsigned thread)> work)
    : work_(std::move(work)) {
  workers_.reserve(threads - 1);
  try {
    for (unsigned thread = 1; thread < threads; thread++)
      workers_.emplace_back([this, thread] { wait_and_work(thread); });
  } catch (const std::system_error &) {
    stop();
    fail(LAPIDARY_OUT_OF_MEMORY, "the system starts only ", size(), " of ",
         threads, " threads; ask for fewer");
  }
}

ThreadTeam::~ThreadTeam() { stop(); }

void ThreadTeam::stop() {
  stopping_ = true;
  begin_.advance();
  for (std::thread &worker : workers_)
    worker.join();
}

void ThreadTeam::wait_and_work(unsigned thread) {
  FloatingPointScope scope;
  uint32_t seen = 0;
  while (true) {
    begin_.wait_past(seen);
    seen = begin_.value();
    if (stopping_)
      return;
    work_(thread);
  }
}

void ThreadTeam::run() {
  FloatingPointScope scope;
  begin_.advance();
  work_(0);
}
