//===- Progress.h - What takes long, on the terminal ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_PROGRESS_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_PROGRESS_H

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace lapidary::tool {

/// While it lives, a line on stderr tells what goes on, with a bar and the time
/// that is left when it is known how far. Shows nothing in the first second,
/// and nothing at all when stderr is no terminal.
class Progress {
public:
  explicit Progress(std::string task);
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;
  /// Erases the line.
  ~Progress();

  /// How much is done, in [0, 1]. Cheap enough for inner loops.
  void update(double fraction);
  /// The same when the task has stages with names.
  void update(const std::string &stage, double fraction);

private:
  using Clock = std::chrono::steady_clock;

  void watch();
  void draw();
  /// At the speed of the stage so far; empty while that is not known.
  std::string getTimeLeft() const;

  std::mutex mutex;
  std::condition_variable wake;
  std::string task;
  double fraction = -1;
  /// Where and when the stage began.
  double stageFraction = 0;
  Clock::time_point stageBegan = Clock::now();
  bool done = false;
  bool shown = false;
  std::thread watcher;
};

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_PROGRESS_H
