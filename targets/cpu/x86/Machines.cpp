//===- Machines.cpp - x86-64 levels -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/x86/Machines.h"
#include "targets/cpu/Machine.h"

using namespace lapidary;
using namespace lapidary::cpu;

static constexpr llvm::StringLiteral kTriple = "x86_64-unknown-linux-gnu";

void cpu::addX86Machines(std::vector<const Target *> &targets) {
  static const Machine v4("x86-64-v4",
                          "AVX-512: Intel since 2017, AMD since Zen 4", kTriple,
                          "x86-64-v4",
                          {"avx512f", "avx512bw", "avx512cd", "avx512dq",
                           "avx512vl", "avx2", "fma", "f16c", "bmi2"},
                          std::make_unique<TileEmitter>());
  static const Machine v3("x86-64-v3", "AVX2 and FMA: nearly all since 2015",
                          kTriple, "x86-64-v3", {"avx2", "fma", "f16c", "bmi2"},
                          std::make_unique<TileEmitter>());
  targets.insert(targets.end(), {&v4, &v3});
}
