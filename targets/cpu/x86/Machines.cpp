//===- Machines.cpp - x86-64 levels -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/x86/Machines.h"
#include "targets/cpu/Machine.h"
#include "targets/cpu/x86/TileAmx.h"
#include "targets/cpu/x86/TileAvx2.h"
#include "targets/cpu/x86/TileAvx512.h"
#include "targets/cpu/x86/TileAvxVnni.h"

using namespace lapidary;
using namespace lapidary::cpu;

static constexpr llvm::StringLiteral kTriple = "x86_64-unknown-linux-gnu";

/// `base` and `more` together.
static std::vector<llvm::StringRef>
with(std::vector<llvm::StringRef> base,
     std::initializer_list<llvm::StringRef> more) {
  base.insert(base.end(), more);
  return base;
}

void cpu::addX86Machines(std::vector<const Target *> &targets) {
  // Baselines are levels, not products, so that one vendor's code runs on the
  // other's.
  static const std::vector<llvm::StringRef> avx2 = {"avx2", "fma", "f16c",
                                                    "bmi2"};
  static const std::vector<llvm::StringRef> avx512 =
      with(avx2, {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"});
  static const Machine sapphirerapids(
      "sapphirerapids", "AVX-512 and AMX: Intel since 2023", kTriple,
      "x86-64-v4",
      with(avx512,
           {"avx512vnni", "avx512bf16", "amx-tile", "amx-int8", "amx-bf16"}),
      std::make_unique<TileAmx>());
  static const Machine znver4(
      "znver4", "AVX-512 with VNNI and BF16: AMD since Zen 4", kTriple,
      "x86-64-v4", with(avx512, {"avx512vnni", "avx512bf16"}),
      // Its own fetching keeps up with a stream, but ends with a page.
      std::make_unique<TileAvx512>(/*hasBf16=*/true,
                                   Hints{/*near=*/0, /*far=*/6144}));
  static const Machine icelake(
      "icelake-server", "AVX-512 with VNNI: Intel since 2019", kTriple,
      "x86-64-v4", with(avx512, {"avx512vnni"}),
      std::make_unique<TileAvx512>(/*hasBf16=*/false, kBothHints));
  static const Machine v4("x86-64-v4", "AVX-512: Intel since 2017", kTriple,
                          "x86-64-v4", avx512, std::make_unique<TileAvx2>(32));
  static const Machine alderlake(
      "alderlake", "AVX2 with VNNI: Intel since 2021, AMD since Zen 5", kTriple,
      "x86-64-v3", with(avx2, {"avxvnni"}), std::make_unique<TileAvxVnni>());
  static const Machine v3("x86-64-v3", "AVX2 and FMA: nearly all since 2015",
                          kTriple, "x86-64-v3", avx2,
                          std::make_unique<TileAvx2>(16));
  targets.insert(targets.end(),
                 {&sapphirerapids, &znver4, &icelake, &v4, &alderlake, &v3});
}
