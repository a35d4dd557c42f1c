//===- Failure.h - How the program ends when it fails -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_FAILURE_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_FAILURE_H

#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace lapidary::tool {

/// What the program returns to the shell.
enum class ExitCode {
  Success = 0,
  /// A file or a text given to the program is wrong.
  Input = 1,
  /// The words of the command line are wrong.
  Usage = 2,
  /// The machine cannot: memory, disk, an instruction set.
  Machine = 3,
  Bug = 70,
  /// Ended by Ctrl-C, as shells number it.
  Interrupted = 130,
};

/// Ends the program with an exit code and a message for people.
class Failure : public std::runtime_error {
public:
  Failure(ExitCode code, const std::string &message)
      : std::runtime_error(message), code(code) {}
  ExitCode getCode() const { return code; }

private:
  ExitCode code;
};

namespace detail {
template <typename Part> std::string toText(const Part &part) {
  if constexpr (std::is_arithmetic_v<Part>)
    return std::to_string(part);
  else
    return std::string(std::string_view(part));
}
} // namespace detail

/// `parts`, texts and numbers, end to end.
template <typename... Parts> std::string concat(const Parts &...parts) {
  return (detail::toText(parts) + ...);
}

/// Throws a Failure for wrong input whose message is `parts` end to end.
template <typename... Parts>
[[noreturn]] void failInput(const Parts &...parts) {
  throw Failure(ExitCode::Input, concat(parts...));
}

/// The same for a wrong command line.
template <typename... Parts>
[[noreturn]] void failUsage(const Parts &...parts) {
  throw Failure(ExitCode::Usage, concat(parts...));
}

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_FAILURE_H
