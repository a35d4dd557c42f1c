//===- Machines.cpp - 64-bit Arm --------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/arm/Machines.h"
#include "targets/cpu/Machine.h"

using namespace lapidary;
using namespace lapidary::cpu;

void cpu::addArmMachines(std::vector<const Target *> &targets) {
  static const Machine plain("aarch64", "any 64-bit Arm",
                             "aarch64-unknown-linux-gnu", "generic", {"neon"},
                             std::make_unique<TileEmitter>());
  targets.push_back(&plain);
}
