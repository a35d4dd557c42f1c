//===- CodeGenerator.h - The llvm dialect to machine code -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_CODEGENERATOR_H
#define LAPIDARY_TARGETS_CPU_CODEGENERATOR_H

#include "targets/cpu/Machine.h"

#include "llvm/Support/MemoryBuffer.h"

namespace lapidary::cpu {

/// Compiles the functions of each of `modules` (llvm dialect) for `machine` to
/// an ELF object.
llvm::Expected<std::vector<std::string>>
emitObjects(llvm::ArrayRef<mlir::ModuleOp> modules, const Machine &machine);

/// Puts objects in one file, an archive.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
archiveObjects(llvm::ArrayRef<llvm::MemoryBufferRef> objects);

/// Links objects, each of which defines the function of its name, to one image.
/// Entries are in their order.
llvm::Expected<CodeImage>
linkImage(llvm::ArrayRef<llvm::MemoryBufferRef> objects,
          const Machine &machine);

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_CODEGENERATOR_H
