//===- Signals.h - Ctrl-C and crashes ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_SIGNALS_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_SIGNALS_H

namespace lapidary::tool {

/// Makes a crash end with a message and the exit code of a bug, a mapped file
/// that cannot be read with that of wrong input, and lets writes to a closed
/// pipe or beyond the largest size of files fail instead of killing.
void installCrashHandlers();

/// From now on Ctrl-C asks the work to stop instead of ending the program; a
/// second one that comes before `clearInterrupt` ends it after all.
void catchInterrupts();

/// Whether Ctrl-C was pressed since the last `clearInterrupt`.
bool wasInterrupted();

void clearInterrupt();

/// Throws a Failure if Ctrl-C was pressed, so that half-written files are
/// removed on the way out.
void stopIfInterrupted();

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_SIGNALS_H
