//===- Passes.h - Kernels as loops, loops as LLVM ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For people who look at the code of a kernel; compiling calls the same
// functions (ExpandKernels.h) without a pass manager.
#ifndef LAPIDARY_TARGETS_CPU_PASSES_H
#define LAPIDARY_TARGETS_CPU_PASSES_H

#include "mlir/Pass/Pass.h"

namespace lapidary::cpu {

#define GEN_PASS_DECL
#include "targets/cpu/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "targets/cpu/Passes.h.inc"

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_PASSES_H
