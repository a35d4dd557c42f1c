//===- CodeGenerator.h - The llvm dialect to machine code -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_CODEGENERATOR_H
#define LAPIDARY_TARGETS_CPU_CODEGENERATOR_H

#include "targets/cpu/Machine.h"

namespace lapidary::cpu {

/// Compiles the functions of `module` (llvm dialect) for `machine` to an ELF
/// object.
llvm::Expected<llvm::SmallVector<char, 0>> emitObject(mlir::ModuleOp module,
                                                      const Machine &machine);

/// Links the object of `module` to one image. Entries are in order of the
/// module.
llvm::Expected<CodeImage> linkImage(llvm::StringRef object,
                                    mlir::ModuleOp module,
                                    const Machine &machine);

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_CODEGENERATOR_H
