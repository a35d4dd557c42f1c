//===- machine.h - What this machine can run --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Implemented once per architecture, by the one machine_*.cpp of the build.
#ifndef LAPIDARY_RUNTIME_MACHINE_H
#define LAPIDARY_RUNTIME_MACHINE_H

#include <string_view>

namespace lapidary {

/// An architecture and the features of one machine of it.
struct Machine {
  /// `x86_64` or `aarch64`.
  std::string_view architecture;
  /// Whether processor and system have `feature`, in LLVM's spelling; a name
  /// that this file does not know is a feature that the machine lacks.
  bool (*has)(std::string_view feature);
};

/// The machine that this process runs on. Asking for `amx-tile` also asks the
/// system to let this process use it.
Machine this_machine();

/// Tells the processor that this thread is waiting in a loop.
void relax_processor();

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_MACHINE_H
