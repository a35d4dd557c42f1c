//===- CompiledKernels.h - Kernels that a test runs -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TEST_TARGETS_CPU_COMPILEDKERNELS_H
#define LAPIDARY_TEST_TARGETS_CPU_COMPILEDKERNELS_H

#include "targets/Target.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Memory.h"

namespace lapidary {

/// An image in memory that can be run; what makes it fails the test.
class Executable {
public:
  explicit Executable(CodeImage image);
  ~Executable() { (void)llvm::sys::Memory::releaseMappedMemory(memory); }
  Executable(const Executable &) = delete;
  Executable &operator=(const Executable &) = delete;

  template <typename Function> Function *entry(size_t index) const {
    return reinterpret_cast<Function *>(static_cast<char *>(memory.base()) +
                                        image.entries[index]);
  }
  uint64_t scratchBytes() const { return image.scratchBytes; }

private:
  CodeImage image;
  llvm::sys::MemoryBlock memory;
};

/// The kernels of a text.
class CompiledKernels {
public:
  CompiledKernels(llvm::StringRef text, const Target &target);

  /// Runs the slices [begin, end) of kernel `index`. `rows` is what a product
  /// counts, `best` how many of the best logits are asked for. Scratch memory
  /// begins as anything but zeros.
  void run(size_t index, llvm::ArrayRef<void *> operands, int64_t begin,
           int64_t end, int64_t rows = 0, int64_t best = 0) const;

private:
  std::unique_ptr<Executable> code;
};

/// All targets that run here, the best first.
std::vector<const Target *> hostTargets();

/// Calls `check` for the best and the plainest target that run here.
void forHostTargets(llvm::function_ref<void(const Target &)> check);

} // namespace lapidary

#endif // LAPIDARY_TEST_TARGETS_CPU_COMPILEDKERNELS_H
