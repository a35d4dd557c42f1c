//===- stop_strings.h - Ends an answer at a text ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_STOP_STRINGS_H
#define LAPIDARY_RUNTIME_STOP_STRINGS_H

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lapidary {

/// Lets a stream of text pass up to the first stop string in it.
class StopStrings {
public:
  /// Empty stop strings are left out.
  explicit StopStrings(std::vector<std::string> stops);

  /// What `text` makes certain: neither part of a stop string nor possibly the
  /// beginning of one. Nothing once a stop string was found.
  std::string append(std::string_view text);

  /// Whether the text so far has a stop string.
  bool found() const { return found_; }

  /// What was held back in case a stop string came.
  std::string finish() { return std::exchange(held_, {}); }

private:
  size_t possible_start() const;

  std::vector<std::string> stops_;
  std::string held_;
  bool found_ = false;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_STOP_STRINGS_H
