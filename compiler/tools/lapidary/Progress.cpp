//===- Progress.cpp - What takes long, on the terminal ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace lapidary::tool;

static constexpr auto patience = std::chrono::seconds(1);
static constexpr auto redrawInterval = std::chrono::milliseconds(100);

static size_t getTerminalWidth() {
  winsize size;
  bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

Progress::Progress(std::string task) : task(std::move(task)) {
  if (isatty(STDERR_FILENO))
    watcher = std::thread([this] { watch(); });
}

Progress::~Progress() {
  if (!watcher.joinable())
    return;
  {
    std::lock_guard lock(mutex);
    done = true;
  }
  wake.notify_one();
  watcher.join();
  if (shown)
    std::fputs("\r\x1b[K", stderr);
}

void Progress::update(double newFraction) {
  if (!watcher.joinable())
    return;
  std::lock_guard lock(mutex);
  fraction = std::clamp(newFraction, 0.0, 1.0);
}

void Progress::update(const std::string &stage, double newFraction) {
  if (!watcher.joinable())
    return;
  std::lock_guard lock(mutex);
  fraction = std::clamp(newFraction, 0.0, 1.0);
  if (task == stage)
    return;
  task = stage;
  stageFraction = fraction;
  stageBegan = Clock::now();
}

void Progress::watch() {
  std::unique_lock lock(mutex);
  auto isDone = [this] { return done; };
  if (wake.wait_for(lock, patience, isDone))
    return;
  do
    draw();
  while (!wake.wait_for(lock, redrawInterval, isDone));
}

std::string Progress::getTimeLeft() const {
  std::chrono::duration<double> elapsed = Clock::now() - stageBegan;
  double done = fraction - stageFraction;
  if (elapsed < patience || done <= 0)
    return "";
  long seconds = std::lround(elapsed.count() / done * (1 - fraction));
  char text[32];
  std::snprintf(text, sizeof(text), ", %ld:%02ld left", seconds / 60,
                seconds % 60);
  return text;
}

void Progress::draw() {
  shown = true;
  size_t width = getTerminalWidth() - 1;
  std::string line = task.substr(0, width);
  constexpr size_t barWidth = 30;
  if (fraction >= 0 && line.size() + barWidth + 8 <= width) {
    size_t filled = fraction * barWidth;
    char percent[8];
    std::snprintf(percent, sizeof(percent), "%3d %%", int(fraction * 100));
    line += " [" + std::string(filled, '=') +
            std::string(barWidth - filled, ' ') + "] " + percent;
    if (std::string left = getTimeLeft(); line.size() + left.size() <= width)
      line += left;
  }
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
}
