//===- error.h - How the runtime reports failures ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Inside the runtime a failure is an exception, so that a half-done step is
// undone by destructors; the C API turns it into a status and a message.
#ifndef LAPIDARY_RUNTIME_ERROR_H
#define LAPIDARY_RUNTIME_ERROR_H

#include "runtime/include/lapidary.h"

#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace lapidary {

/// A failure with the status that the caller of the C API receives.
class Error : public std::runtime_error {
public:
  Error(lapidary_status status, const std::string &message)
      : std::runtime_error(message), status_(status) {}
  lapidary_status status() const { return status_; }

private:
  lapidary_status status_;
};

namespace detail {
template <typename Part> std::string to_text(const Part &part) {
  if constexpr (std::is_arithmetic_v<Part>)
    return std::to_string(part);
  else
    return std::string(std::string_view(part));
}
} // namespace detail

/// Throws an Error whose message is `parts` (texts and numbers) end to end.
template <typename... Parts>
[[noreturn]] void fail(lapidary_status status, const Parts &...parts) {
  throw Error(status, (detail::to_text(parts) + ...));
}

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_ERROR_H
