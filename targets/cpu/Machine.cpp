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

/// Writes what `print` prints to `<directory>/<name>` if a directory is given.
static llvm::Error dump(StringRef directory, const llvm::Twine &name,
                        llvm::function_ref<void(llvm::raw_ostream &)> print) {
  if (directory.empty())
    return llvm::Error::success();
  std::error_code error;
  llvm::raw_fd_ostream out((directory + "/" + name).str(), error);
  if (error)
    return llvm::createStringError(error,
                                   "cannot write to '" + directory + "'");
  print(out);
  return llvm::Error::success();
}

llvm::Expected<CodeImage> Machine::compile(ModuleOp module,
                                           StringRef dumpDirectory) const {
  uint64_t scratchBytes;
  OwningOpRef<ModuleOp> code = expandKernels(module, tiles(), scratchBytes);
  auto printCode = [&](llvm::raw_ostream &out) { code->print(out); };
  if (auto error = dump(dumpDirectory, name() + ".loops.mlir", printCode))
    return error;
  if (failed(lowerToLlvm(*code)))
    return llvm::createStringError("target '" + name() +
                                   "': kernels could not be lowered to LLVM");
  if (auto error = dump(dumpDirectory, name() + ".llvm.mlir", printCode))
    return error;
  auto object = emitObject(*code, *this);
  if (!object)
    return object.takeError();
  StringRef bytes(object->data(), object->size());
  if (auto error = dump(dumpDirectory, name() + ".o",
                        [&](llvm::raw_ostream &out) { out << bytes; }))
    return error;
  auto image = linkImage(bytes, *code, *this);
  if (image)
    image->scratchBytes = scratchBytes;
  return image;
}
