//===- LineReader.h - Lines that somebody types -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_LINEREADER_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_LINEREADER_H

#include <string>

namespace lapidary::tool {

/// Reads lines from standard input. Unlike std::getline it returns when Ctrl-C
/// is pressed.
class LineReader {
public:
  enum class Result { Line, Interrupted, End };

  /// Puts the next line into `line`, without its end; a last line that lacks
  /// one counts. When interrupted, what was typed so far is dropped.
  Result read(std::string &line);

private:
  std::string pending;
  bool ended = false;
};

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_LINEREADER_H
