//===- Errors.h - Whose fault a failure is ----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The program's exit code tells wrong input from a machine that cannot do what
// is asked. Errors of other classes count as wrong input: the frontends, which
// do not know this header, report nothing else.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_COMPILER_ERRORS_H
#define LAPIDARY_COMPILER_ERRORS_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace lapidary {

/// An error that is a message and its class.
template <typename Derived>
class MessageError : public llvm::ErrorInfo<Derived> {
public:
  explicit MessageError(const llvm::Twine &message) : message(message.str()) {}
  void log(llvm::raw_ostream &os) const override { os << message; }
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }

private:
  std::string message;
};

/// A file or an option is wrong; the message names it, what was expected and
/// what was found. The program exits with 1.
class InputError : public MessageError<InputError> {
public:
  using MessageError::MessageError;
  static inline char ID = 0;
};

/// The machine cannot: memory, disk, an instruction set. The program exits
/// with 3.
class MachineError : public MessageError<MachineError> {
public:
  using MessageError::MessageError;
  static inline char ID = 0;
};

} // namespace lapidary

#endif // LAPIDARY_COMPILER_ERRORS_H
