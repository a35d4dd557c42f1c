//===- LineReader.cpp - Lines that somebody types ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/LineReader.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Signals.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

using namespace lapidary::tool;

LineReader::Result LineReader::read(std::string &line) {
  while (true) {
    size_t end = pending.find('\n');
    if (end != std::string::npos || (ended && !pending.empty())) {
      line = pending.substr(0, end);
      pending.erase(0, end == std::string::npos ? end : end + 1);
      if (line.ends_with('\r'))
        line.pop_back();
      return Result::Line;
    }
    if (ended)
      return Result::End;

    char buffer[4096];
    ssize_t count = ::read(STDIN_FILENO, buffer, sizeof(buffer));
    if (count > 0) {
      pending.append(buffer, count);
    } else if (count == 0) {
      ended = true;
    } else if (errno != EINTR) {
      failInput("standard input: cannot read: ", std::strerror(errno));
    } else if (wasInterrupted()) {
      pending.clear();
      return Result::Interrupted;
    }
  }
}
