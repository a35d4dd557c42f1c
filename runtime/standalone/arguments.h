//===- arguments.h - The words given to a standalone model ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_STANDALONE_ARGUMENTS_H
#define LAPIDARY_RUNTIME_STANDALONE_ARGUMENTS_H

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace lapidary::standalone {

/// Ends the program with an exit code and a message, which may be empty.
class Failure : public std::runtime_error {
public:
  Failure(int exit_code, const std::string &message)
      : std::runtime_error(message), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

private:
  int exit_code_;
};

struct Arguments {
  std::string prompt;
  /// The prompt comes from standard input instead.
  bool from_input = false;
  bool chat = false;
  /// 0: until the context is full.
  uint64_t max_tokens = 0;
  /// Absent: the checkpoint's.
  std::optional<float> temperature;
  uint64_t seed = 0;
  /// 0: as many as the process may use.
  uint32_t threads = 0;
};

/// Reads the words after the program's name. Nothing if help is asked for.
/// Throws a Failure when they are wrong.
std::optional<Arguments> parse_arguments(const std::vector<std::string> &words);

/// A format for printf with the program's name twice.
extern const char *const usage_text;

} // namespace lapidary::standalone

#endif // LAPIDARY_RUNTIME_STANDALONE_ARGUMENTS_H
