//===- thread_team.cpp - Threads that work in step ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/thread_team.h"
#include "runtime/error.h"
#include "runtime/machine.h"

#include <cfenv>
#include <chrono>
#include <system_error>

using namespace lapidary;

/// How long a thread spins: longer than the work between two tokens, shorter
/// than what anybody would notice as load.
static constexpr std::chrono::microseconds spin_time{60};
/// Spins between two looks at the clock.
static constexpr int spins_per_look = 64;

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

ThreadTeam::ThreadTeam(unsigned threads) {
  workers_.reserve(threads - 1);
  try {
    for (unsigned thread = 1; thread < threads; thread++)
      workers_.emplace_back([this, thread] { work(thread); });
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

void ThreadTeam::work(unsigned thread) {
  FloatingPointScope scope;
  for (uint32_t seen = 0;; seen++) {
    begin_.wait_past(seen);
    if (stopping_)
      return;
    call_(context_, thread);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      end_.advance();
  }
}

void ThreadTeam::run(Call call, void *context) {
  FloatingPointScope scope;
  if (workers_.empty())
    return call(context, 0);
  call_ = call;
  context_ = context;
  busy_.store(static_cast<unsigned>(workers_.size()),
              std::memory_order_relaxed);
  uint32_t seen = end_.value();
  begin_.advance();
  call(context, 0);
  end_.wait_past(seen);
}
