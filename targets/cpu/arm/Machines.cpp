//===- Machines.cpp - 64-bit Arm --------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/arm/Machines.h"
#include "targets/cpu/Machine.h"
#include "targets/cpu/arm/TileDot.h"

using namespace lapidary;
using namespace lapidary::cpu;

static constexpr llvm::StringLiteral kTriple = "aarch64-unknown-linux-gnu";

void cpu::addArmMachines(std::vector<const Target *> &targets) {
  static const Machine mixed(
      "aarch64-i8mm",
      "mixed and bfloat16 dot products: since Neoverse V1, Cortex-A510",
      kTriple, "generic", {"neon", "i8mm", "bf16"},
      std::make_unique<TileMixedDot>());
  static const Machine dot(
      "aarch64-dotprod", "dot products: since Neoverse N1, Cortex-A55", kTriple,
      "generic", {"neon", "dotprod"}, std::make_unique<TileDot>());
  static const Machine plain("aarch64-neon", "any 64-bit Arm", kTriple,
                             "generic", {"neon"}, std::make_unique<TileNeon>());
  targets.insert(targets.end(), {&mixed, &dot, &plain});
}
