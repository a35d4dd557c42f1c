//===- Machine.cpp - A class of CPUs as a target ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/Machine.h"
#include "targets/cpu/CodeGenerator.h"
#include "targets/cpu/ExpandKernels.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

/// Writes `module` to `<directory>/<target>.<stage>.mlir` if a directory is
/// given.
static llvm::Error dump(ModuleOp module, StringRef directory, StringRef target,
                        StringRef stage) {
  if (directory.empty())
    return llvm::Error::success();
  std::error_code error;
  llvm::raw_fd_ostream out(
      (directory + "/" + target + "." + stage + ".mlir").str(), error);
  if (error)
    return llvm::createStringError(error,
                                   "cannot write to '" + directory + "'");
  module.print(out);
  return llvm::Error::success();
}

llvm::Expected<CodeImage> Machine::compile(ModuleOp module,
                                           StringRef dumpDirectory) const {
  uint64_t scratchBytes;
  OwningOpRef<ModuleOp> code = expandKernels(module, tiles(), scratchBytes);
  if (llvm::Error error = dump(*code, dumpDirectory, name(), "loops"))
    return error;
  if (failed(lowerToLlvm(*code)))
    return llvm::createStringError("target '" + name() +
                                   "': kernels could not be lowered to LLVM");
  if (llvm::Error error = dump(*code, dumpDirectory, name(), "llvm"))
    return error;
  auto image = generateCode(*code, *this);
  if (image)
    image->scratchBytes = scratchBytes;
  return image;
}
