//===- machine_aarch64.cpp - What this AArch64 machine can run ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linux reports in two words what both processor and system support.
#include "runtime/machine.h"

#include <sys/auxv.h>

using namespace lapidary;

namespace {
/// A bit of AT_HWCAP or AT_HWCAP2.
struct Feature {
  std::string_view name;
  unsigned long word;
  unsigned bit;
};
} // namespace

// The numbers are the kernel's ABI; older C libraries lack names for the later
// ones.
static constexpr Feature features[] = {
    {"fp-armv8", AT_HWCAP, 0},  {"neon", AT_HWCAP, 1},
    {"aes", AT_HWCAP, 3},       {"sha2", AT_HWCAP, 6},
    {"crc", AT_HWCAP, 7},       {"lse", AT_HWCAP, 8},
    {"fullfp16", AT_HWCAP, 10}, {"rdm", AT_HWCAP, 12},
    {"jsconv", AT_HWCAP, 13},   {"complxnum", AT_HWCAP, 14},
    {"rcpc", AT_HWCAP, 15},     {"dotprod", AT_HWCAP, 20},
    {"sve", AT_HWCAP, 22},      {"fp16fml", AT_HWCAP, 23},
    {"sve2", AT_HWCAP2, 1},     {"i8mm", AT_HWCAP2, 13},
    {"bf16", AT_HWCAP2, 14},    {"sme", AT_HWCAP2, 23},
    {"sme2", AT_HWCAP2, 37},
};

static bool has_feature(std::string_view name) {
  for (const Feature &feature : features)
    if (feature.name == name)
      return getauxval(feature.word) >> feature.bit & 1;
  return false;
}

Machine lapidary::this_machine() { return {"aarch64", has_feature}; }

void lapidary::relax_processor() { asm volatile("yield"); }
