//===- machine_x86.cpp - What this x86-64 machine can run -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A feature counts when the processor has it (cpuid) and the system keeps its
// registers across task switches (xgetbv); AMX must be asked for as well.
#include "runtime/machine.h"

#include <cpuid.h>
#include <cstdint>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace lapidary;

namespace {
enum Register : uint8_t { eax, ebx, ecx, edx };

/// Register state that the system must save, as a mask of XCR0.
enum State : uint32_t {
  none = 0,
  avx = 0x6,
  avx512 = 0xe6,
  amx = 0x60000,
};

/// Where cpuid reports a feature.
struct Feature {
  std::string_view name;
  uint32_t leaf;
  uint32_t subleaf;
  Register reg;
  uint8_t bit;
  State state;
};
} // namespace

static constexpr Feature features[] = {
    {"sse3", 1, 0, ecx, 0, none},
    {"pclmul", 1, 0, ecx, 1, none},
    {"ssse3", 1, 0, ecx, 9, none},
    {"fma", 1, 0, ecx, 12, avx},
    {"cx16", 1, 0, ecx, 13, none},
    {"sse4.1", 1, 0, ecx, 19, none},
    {"sse4.2", 1, 0, ecx, 20, none},
    {"movbe", 1, 0, ecx, 22, none},
    {"popcnt", 1, 0, ecx, 23, none},
    {"aes", 1, 0, ecx, 25, none},
    {"avx", 1, 0, ecx, 28, avx},
    {"f16c", 1, 0, ecx, 29, avx},
    {"sse", 1, 0, edx, 25, none},
    {"sse2", 1, 0, edx, 26, none},
    {"bmi", 7, 0, ebx, 3, none},
    {"avx2", 7, 0, ebx, 5, avx},
    {"bmi2", 7, 0, ebx, 8, none},
    {"avx512f", 7, 0, ebx, 16, avx512},
    {"avx512dq", 7, 0, ebx, 17, avx512},
    {"avx512ifma", 7, 0, ebx, 21, avx512},
    {"avx512cd", 7, 0, ebx, 28, avx512},
    {"avx512bw", 7, 0, ebx, 30, avx512},
    {"avx512vl", 7, 0, ebx, 31, avx512},
    {"avx512vbmi", 7, 0, ecx, 1, avx512},
    {"avx512vbmi2", 7, 0, ecx, 6, avx512},
    {"gfni", 7, 0, ecx, 8, none},
    {"vaes", 7, 0, ecx, 9, avx},
    {"vpclmulqdq", 7, 0, ecx, 10, avx},
    {"avx512vnni", 7, 0, ecx, 11, avx512},
    {"avx512bitalg", 7, 0, ecx, 12, avx512},
    {"avx512vpopcntdq", 7, 0, ecx, 14, avx512},
    {"amx-bf16", 7, 0, edx, 22, amx},
    {"avx512fp16", 7, 0, edx, 23, avx512},
    {"amx-tile", 7, 0, edx, 24, amx},
    {"amx-int8", 7, 0, edx, 25, amx},
    {"avxvnni", 7, 1, eax, 4, avx},
    {"avx512bf16", 7, 1, eax, 5, avx512},
    {"amx-fp16", 7, 1, eax, 21, amx},
    {"avxifma", 7, 1, eax, 23, avx},
    {"avxvnniint8", 7, 1, edx, 4, avx},
    {"avxneconvert", 7, 1, edx, 5, avx},
    {"avxvnniint16", 7, 1, edx, 10, avx},
    {"prefetchi", 7, 1, edx, 14, none},
    {"lzcnt", 0x80000001, 0, ecx, 5, none},
    {"prfchw", 0x80000001, 0, ecx, 8, none},
};

static bool processor_has(const Feature &feature) {
  uint32_t registers[4];
  if (!__get_cpuid_count(feature.leaf, feature.subleaf, &registers[eax],
                         &registers[ebx], &registers[ecx], &registers[edx]))
    return false;
  return registers[feature.reg] >> feature.bit & 1;
}

/// The state that the system saves; reading it needs the OSXSAVE bit first.
__attribute__((target("xsave"))) static uint64_t saved_state() {
  constexpr Feature osxsave{"osxsave", 1, 0, ecx, 27, none};
  return processor_has(osxsave) ? _xgetbv(0) : 0;
}

/// Linux gives a process the 8 KiB of tile registers only when asked to.
static bool ask_for_amx() {
  constexpr long request_permission = 0x1023, tile_data = 18;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

static bool has_feature(std::string_view name) {
  for (const Feature &feature : features) {
    if (feature.name != name)
      continue;
    if (!processor_has(feature) ||
        (saved_state() & feature.state) != feature.state)
      return false;
    return feature.state != amx || ask_for_amx();
  }
  return false;
}

Machine lapidary::this_machine() { return {"x86_64", has_feature}; }

void lapidary::relax_processor() { _mm_pause(); }
