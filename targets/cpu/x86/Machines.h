//===- Machines.h - x86-64 levels -------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_X86_MACHINES_H
#define LAPIDARY_TARGETS_CPU_X86_MACHINES_H

#include "targets/Target.h"

namespace lapidary::cpu {

/// Appends all x86-64 machines, the best first.
void addX86Machines(std::vector<const Target *> &targets);

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_X86_MACHINES_H
