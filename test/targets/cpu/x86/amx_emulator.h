//===- amx_emulator.h - AMX on processors without it ------------*- C -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TEST_TARGETS_CPU_X86_AMX_EMULATOR_H
#define LAPIDARY_TEST_TARGETS_CPU_X86_AMX_EMULATOR_H

#ifdef __cplusplus
extern "C" {
#endif

/// From now on this process runs AMX-TILE, AMX-INT8 and AMX-BF16 code: by
/// itself where the processor can, else by handling SIGILL. What is not such
/// code goes on to the handler that SIGILL had before.
void emulate_amx(void);

#ifdef __cplusplus
}
#endif

#endif // LAPIDARY_TEST_TARGETS_CPU_X86_AMX_EMULATOR_H
