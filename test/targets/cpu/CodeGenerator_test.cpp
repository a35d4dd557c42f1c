//===- CodeGenerator_test.cpp - The llvm dialect to machine code ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Registry.h"
#include "targets/cpu/CodeGenerator.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"

using namespace lapidary;
using testing::HasSubstr;

namespace {

class CodeGeneratorTest : public testing::Test {
protected:
  CodeGeneratorTest() { context.loadDialect<mlir::LLVM::LLVMDialect>(); }

  /// One object for each text, whose last function is the kernel.
  llvm::Expected<CodeImage> generate(llvm::ArrayRef<llvm::StringRef> texts,
                                     const Target &target) {
    std::vector<mlir::OwningOpRef<mlir::ModuleOp>> owners;
    llvm::SmallVector<mlir::ModuleOp> modules;
    for (llvm::StringRef text : texts) {
      owners.push_back(mlir::parseSourceString<mlir::ModuleOp>(text, &context));
      modules.push_back(*owners.back());
    }
    const auto &machine = static_cast<const cpu::Machine &>(target);
    auto objects = llvm::cantFail(cpu::emitObjects(modules, machine));
    llvm::SmallVector<llvm::MemoryBufferRef> named;
    for (auto [object, module] : llvm::zip_equal(objects, modules))
      named.emplace_back(
          object, llvm::cast<mlir::LLVM::LLVMFuncOp>(module.getBody()->back())
                      .getSymName());
    return cpu::linkImage(named, machine);
  }

  mlir::MLIRContext context;
};

TEST_F(CodeGeneratorTest, EntersFunctionsInOrder) {
  for (const Target *target : allTargets()) {
    CodeImage image = llvm::cantFail(generate({R"(
      llvm.func @second(%p: !llvm.ptr) {
        %0 = llvm.mlir.constant(7 : i32) : i32
        llvm.store %0, %p : i32, !llvm.ptr
        llvm.return
      })",
                                               R"(
      llvm.func @first(%p: !llvm.ptr) {
        llvm.return
      })"},
                                              *target));
    ASSERT_EQ(image.entries.size(), 2u);
    EXPECT_LT(image.entries[0], image.entries[1]);
    EXPECT_LT(image.entries[1], image.bytes.size());
  }
}

TEST_F(CodeGeneratorTest, RefusesCallsOfWhatNobodyDefines) {
  for (const Target *target : allTargets()) {
    auto image = generate({R"(
      llvm.func @expf(f32) -> f32
      llvm.func @kernel(%p: !llvm.ptr) {
        %0 = llvm.load %p : !llvm.ptr -> f32
        %1 = llvm.call @expf(%0) : (f32) -> f32
        llvm.store %1, %p : f32, !llvm.ptr
        llvm.return
      })"},
                          *target);
    ASSERT_FALSE(image);
    EXPECT_THAT(llvm::toString(image.takeError()),
                HasSubstr("undefined symbol: expf"));
  }
}

// What looks like memset stays a loop.
TEST_F(CodeGeneratorTest, MakesNoCallsOfLoops) {
  for (const Target *target : allTargets())
    llvm::cantFail(generate({R"(
      llvm.func @kernel(%p: !llvm.ptr, %count: i64) {
        %zero = llvm.mlir.constant(0 : i64) : i64
        %one = llvm.mlir.constant(1 : i64) : i64
        %byte = llvm.mlir.constant(0 : i8) : i8
        llvm.br ^loop(%zero : i64)
      ^loop(%i: i64):
        %at = llvm.getelementptr %p[%i] : (!llvm.ptr, i64) -> !llvm.ptr, i8
        llvm.store %byte, %at : i8, !llvm.ptr
        %next = llvm.add %i, %one : i64
        %more = llvm.icmp "ult" %next, %count : i64
        llvm.cond_br %more, ^loop(%next : i64), ^end
      ^end:
        llvm.return
      })"},
                            *target));
}

} // namespace
