//===- Target.h - What planning and the artifact ask of a target -*- C++
//-*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_TARGET_H
#define LAPIDARY_TARGETS_TARGET_H

#include "targets/CodeCache.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace lapidary {

/// Machine code of all kernels of a module: position-independent, without
/// relocations or undefined symbols.
struct CodeImage {
  std::string bytes;
  /// Byte offset of each `kernel.func`, in order of the module.
  std::vector<uint64_t> entries;
  /// Scratch memory that a thread needs for any of them.
  uint64_t scratchBytes = 0;
  /// Kernels whose code was found in the cache.
  size_t cachedKernels = 0;
};

/// One class of machines that kernels can be compiled for.
class Target {
public:
  virtual ~Target() = default;

  /// As `--target` takes it: `x86-64-v4`, `aarch64-dotprod`, ...
  virtual llvm::StringRef name() const = 0;
  /// What it is for, in a few words.
  virtual llvm::StringRef description() const = 0;
  /// `x86_64`, `aarch64`: what the runtime compares with its own.
  virtual llvm::StringRef architecture() const = 0;
  /// What the machine must have, in LLVM's spelling.
  virtual llvm::ArrayRef<llvm::StringRef> features() const = 0;

  /// Compiles every `kernel.func` of `module`, which is left as it is, or takes
  /// its code from `cache`. With `dumpDirectory`, compiles all of them and
  /// writes what each stage makes there.
  virtual llvm::Expected<CodeImage>
  compile(mlir::ModuleOp module, CodeCache &cache,
          llvm::StringRef dumpDirectory) const = 0;
};

} // namespace lapidary

#endif // LAPIDARY_TARGETS_TARGET_H
