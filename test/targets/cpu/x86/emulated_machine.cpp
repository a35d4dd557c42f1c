//===- emulated_machine.cpp - This machine and AMX ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program linked with this, amx_emulator.c and `--wrap` of this_machine sees
// the machine that it runs on, and AMX.
#include "runtime/machine.h"
#include "test/targets/cpu/x86/amx_emulator.h"

#include <mutex>

using lapidary::Machine;

// The linker's names for what calls are redirected from, and to.
Machine real_machine() __asm__("__real__ZN8lapidary12this_machineEv");
Machine emulated_machine() __asm__("__wrap__ZN8lapidary12this_machineEv");

static bool has_feature(std::string_view name) {
  return real_machine().has(name) || name == "amx-tile" || name == "amx-int8" ||
         name == "amx-bf16";
}

/// The first question comes after the program has set its signal handlers.
Machine emulated_machine() {
  static std::once_flag once;
  std::call_once(once, emulate_amx);
  return {real_machine().architecture, has_feature};
}
