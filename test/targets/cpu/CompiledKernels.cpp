//===- CompiledKernels.cpp - Kernels that a test runs -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "CompiledKernels.h"
#include "TestRows.h"
#include "dialects/kernel/Kernel.h"
#include "targets/Registry.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace lapidary;

Executable::Executable(CodeImage code) : image(std::move(code)) {
  using llvm::sys::Memory;
  std::error_code error;
  memory = Memory::allocateMappedMemory(
      image.bytes.size(), nullptr, Memory::MF_READ | Memory::MF_WRITE, error);
  EXPECT_FALSE(error);
  std::memcpy(memory.base(), image.bytes.data(), image.bytes.size());
  error =
      Memory::protectMappedMemory(memory, Memory::MF_READ | Memory::MF_EXEC);
  EXPECT_FALSE(error);
}

CompiledKernels::CompiledKernels(llvm::StringRef text, const Target &target) {
  mlir::MLIRContext context;
  context.loadDialect<kernel::KernelDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  if (!module)
    llvm::report_fatal_error("kernels of a test do not parse");
  CodeCache noCache("");
  code = std::make_unique<Executable>(
      llvm::cantFail(target.compile(*module, noCache, /*dumpDirectory=*/"")));
}

// Emitted code says nothing of its type, which UBSan would look for.
__attribute__((no_sanitize("function"))) void
CompiledKernels::run(size_t index, llvm::ArrayRef<void *> operands,
                     int64_t begin, int64_t end, int64_t rows,
                     int64_t best) const {
  AlignedBytes scratch(code->scratchBytes());
  scratch.spoil();
  const int64_t sizes[] = {rows, 0, rows, best};
  auto *kernel = code->entry<void(void *const *, const int64_t *, void *,
                                  int64_t, int64_t)>(index);
  kernel(operands.data(), sizes, scratch.as<void>(), begin, end);
}

std::vector<const Target *> lapidary::hostTargets() {
  std::vector<const Target *> targets;
  for (const Target *target : allTargets())
    if (runsOnHost(*target))
      targets.push_back(target);
  return targets;
}

void lapidary::forHostTargets(llvm::function_ref<void(const Target &)> check) {
  std::vector<const Target *> targets = hostTargets();
  ASSERT_FALSE(targets.empty());
  for (const Target *target : {targets.front(), targets.back()}) {
    SCOPED_TRACE(target->name().str());
    check(*target);
  }
}
