//===- Emitter_test.cpp - How exact the emitted functions are -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "CompiledKernels.h"
#include "targets/Registry.h"
#include "targets/cpu/CodeGenerator.h"
#include "targets/cpu/ExpandKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;
using namespace lapidary;

namespace {

using Build = llvm::function_ref<Value(cpu::Emitter &, Value)>;

/// A function of one number, compiled for this machine.
class Compiled {
public:
  explicit Compiled(Build build) {
    context
        .loadDialect<arith::ArithDialect, LLVM::LLVMDialect, math::MathDialect,
                     scf::SCFDialect, vector::VectorDialect>();
    auto module = emit(build);
    EXPECT_TRUE(succeeded(cpu::lowerToLlvm(*module)));
    const auto &machine = static_cast<const cpu::Machine &>(*hostTarget());
    auto function = *module->getOps<ModuleOp>().begin();
    auto objects = llvm::cantFail(cpu::emitObjects(function, machine));
    code = std::make_unique<Executable>(llvm::cantFail(cpu::linkImage(
        llvm::MemoryBufferRef(objects[0], "function"), machine)));
  }

  // Emitted code says nothing of its type, which UBSan would look for.
  __attribute__((no_sanitize("function"))) float operator()(float x) const {
    alignas(64) float in[cpu::kLanes], out[cpu::kLanes];
    llvm::fill(in, x);
    code->entry<void(const float *, float *)>(0)(in, out);
    return out[0];
  }

private:
  OwningOpRef<ModuleOp> emit(Build build) {
    OpBuilder builder(&context);
    Location location = builder.getUnknownLoc();
    OwningOpRef<ModuleOp> module = ModuleOp::create(location);
    builder.setInsertionPointToStart(module->getBody());
    auto inner = ModuleOp::create(builder, location);
    builder.setInsertionPointToStart(inner.getBody());
    auto pointer = LLVM::LLVMPointerType::get(&context);
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&context),
                                            {pointer, pointer});
    auto function =
        LLVM::LLVMFuncOp::create(builder, location, "function", type);
    Block *body = function.addEntryBlock(builder);
    builder.setInsertionPointToStart(body);
    cpu::Emitter emitter(builder, location);
    Value x =
        emitter.load(emitter.vector(emitter.f32()), body->getArgument(0), 64);
    emitter.store(build(emitter, x), body->getArgument(1), 64);
    LLVM::ReturnOp::create(builder, location, ValueRange());
    return module;
  }

  MLIRContext context;
  std::unique_ptr<Executable> code;
};

/// Calls `check` for numbers from `low` to `high`.
void sweep(double low, double high, llvm::function_ref<void(float)> check) {
  constexpr int kSteps = 20000;
  for (int i = 0; i <= kSteps; ++i)
    check(static_cast<float>(low + (high - low) * i / kSteps));
}

TEST(Emitter, ComputesExpWithinTwoUnits) {
  Compiled exp([](cpu::Emitter &emit, Value x) { return emit.exp(x); });
  sweep(-87, 88, [&](float x) {
    double exact = std::exp(static_cast<double>(x));
    float unit = std::nextafter(static_cast<float>(exact), INFINITY) -
                 static_cast<float>(exact);
    EXPECT_NEAR(exp(x), exact, 2 * unit) << x;
  });
  EXPECT_EQ(exp(0), 1);
  for (float x : {-87.4f, -1000.0f, -1.0e30f, -INFINITY})
    EXPECT_EQ(exp(x), 0) << x;
  EXPECT_TRUE(std::isfinite(exp(1.0e30f)));
}

TEST(Emitter, ComputesGelu) {
  Compiled gelu([](cpu::Emitter &emit, Value x) { return emit.gelu(x); });
  sweep(-12, 12, [&](float x) {
    double u = std::sqrt(2 / M_PI) * (x + 0.044715 * std::pow(double(x), 3));
    double exact = 0.5 * x * (1 + std::tanh(u));
    EXPECT_NEAR(gelu(x), exact, 2e-7 * std::max(1.0, std::abs(exact))) << x;
  });
  EXPECT_EQ(gelu(1.0e20f), 1.0e20f);
  EXPECT_NEAR(gelu(-1.0e20f), 0, 1e-17);
}

TEST(Emitter, ComputesSoftcap) {
  Compiled softcap(
      [](cpu::Emitter &emit, Value x) { return emit.softcap(x, 30.0f); });
  sweep(-200, 200, [&](float x) {
    EXPECT_NEAR(softcap(x), 30 * std::tanh(x / 30.0), 3e-7 * 30) << x;
  });
  EXPECT_EQ(softcap(1.0e30f), 30);
  EXPECT_EQ(softcap(-1.0e30f), -30);
}

TEST(Emitter, ComputesCosineAndSineOfLargeAngles) {
  Compiled cosine(
      [](cpu::Emitter &emit, Value x) { return emit.cosSin(x).first; });
  Compiled sine(
      [](cpu::Emitter &emit, Value x) { return emit.cosSin(x).second; });
  for (double limit : {1.0, 1.0e3, 1.0e6})
    sweep(0, limit, [&](float x) {
      EXPECT_NEAR(cosine(x), std::cos(static_cast<double>(x)), 7e-8) << x;
      EXPECT_NEAR(sine(x), std::sin(static_cast<double>(x)), 7e-8) << x;
    });
}

} // namespace
