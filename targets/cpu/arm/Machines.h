//===- Machines.h - 64-bit Arm ----------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_ARM_MACHINES_H
#define LAPIDARY_TARGETS_CPU_ARM_MACHINES_H

#include "targets/Target.h"

namespace lapidary::cpu {

/// Appends all 64-bit Arm machines, the best first.
void addArmMachines(std::vector<const Target *> &targets);

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_ARM_MACHINES_H
