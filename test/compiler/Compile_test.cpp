//===- Compile_test.cpp - Checkpoints become artifacts ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/Compile.h"
#include "compiler/Errors.h"
#include "runtime/artifact.h"
#include "runtime/schema/file_header.h"
#include "targets/Registry.h"
#include "test/frontends/huggingface/TestFiles.h"

#include "gmock/gmock.h"

using namespace lapidary;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class CompileTest : public testing::TestWithParam<const char *> {
protected:
  CompileTest() {
    options.checkpoint = LAPIDARY_SOURCE_DIR "/test/golden/text/gemma3";
    options.output = (directory.getPath() + "/m.lap").str();
    options.quant = "int8";
  }

  /// The message of a compilation that must fail for an error of the input.
  std::string getRefusal() {
    llvm::Error error = compile(options);
    EXPECT_TRUE(error.isA<InputError>());
    EXPECT_FALSE(llvm::sys::fs::exists(options.output));
    return llvm::toString(std::move(error));
  }

  huggingface::TemporaryDirectory directory;
  CompileOptions options;
};

TEST_F(CompileTest, WritesAnArtifactThatOpens) {
  llvm::cantFail(compile(options));
  Artifact artifact(options.output, /*verify_weights=*/true);
  const schema::Artifact &root = artifact.root();
  EXPECT_EQ(root.model()->quantization()->str(), "int8");
  EXPECT_EQ(root.model()->vocabulary(), 515u);
  ASSERT_EQ(root.variants()->size(), 1u);
  EXPECT_EQ(root.variants()->Get(0)->entries()->size(), root.kernels()->size());
  for (const schema::Section *section : *root.sections())
    EXPECT_EQ(section->offset() % schema::kSectionAlignment, 0u);
  // Weights lie one after the other, each at the beginning of a line.
  uint64_t end = 0;
  for (const schema::Weight *weight : *root.weights()) {
    EXPECT_EQ(weight->offset(), end);
    end = (weight->offset() + weight->size() + 63) / 64 * 64;
  }
  EXPECT_EQ(artifact.weights().size(), end);
}

TEST_F(CompileTest, OrdersVariantsFromTheBestAndListsNoneTwice) {
  options.targets = {"x86-64-v3", "x86-64-v4", "x86-64-v3"};
  llvm::cantFail(compile(options));
  Artifact artifact(options.output);
  std::vector<std::string> names;
  for (const schema::Variant *variant : *artifact.root().variants())
    names.push_back(variant->name()->str());
  EXPECT_THAT(names, ElementsAre("x86-64-v4", "x86-64-v3"));
}

// Linking fails on symbols that nobody defines: a call to memcpy, expf or a
// helper of the compiler's library.
TEST_P(CompileTest, MakesSelfContainedCodeForEveryTarget) {
  options.targets.clear();
  for (const Target *target : allTargets())
    options.targets.push_back(target->name().str());
  options.quant = GetParam();
  options.kv = options.quant == "f32" ? "f32" : "bf16";
  llvm::cantFail(compile(options));
}
INSTANTIATE_TEST_SUITE_P(Schemes, CompileTest,
                         testing::Values("f32", "bf16", "int8", "int4"),
                         [](const auto &info) { return info.param; });

TEST_F(CompileTest, DumpsEveryStage) {
  options.dumpIr = (directory.getPath() + "/ir").str();
  options.targets = {"x86-64-v3"};
  llvm::cantFail(compile(options));
  for (const char *name :
       {"0-import", "1-simplify", "2-fusion", "3-quantization", "4-planning",
        "x86-64-v3.loops", "x86-64-v3.llvm"})
    EXPECT_TRUE(llvm::sys::fs::exists(options.dumpIr + "/" + name + ".mlir"))
        << name;
}

TEST_F(CompileTest, TellsHowFarItIs) {
  std::vector<double> fractions;
  options.progress = [&](llvm::StringRef, double fraction) {
    fractions.push_back(fraction);
  };
  llvm::cantFail(compile(options));
  EXPECT_TRUE(llvm::is_sorted(fractions));
  EXPECT_EQ(fractions.front(), 0);
  EXPECT_EQ(fractions.back(), 1);
}

TEST_F(CompileTest, RunsAPipelineInPlaceOfItsOwn) {
  options.pipeline =
      "gemma-simplify-pipeline,gemma-fusion-pipeline,"
      "gemma-quantization-pipeline{scheme=int4},plan-pipeline{kv=f32}";
  llvm::cantFail(compile(options));
  Artifact artifact(options.output);
  EXPECT_GT(artifact.root().programs()->size(), 0u);
}

TEST_F(CompileTest, RefusesPipelinesThatDoNotParse) {
  options.pipeline = "gemma-polish";
  EXPECT_THAT(getRefusal(), HasSubstr("'--pipeline' cannot be parsed"));
}

TEST_F(CompileTest, RefusesPipelinesThatLeaveNoPlacedProgram) {
  options.pipeline = "gemma-simplify-pipeline";
  EXPECT_THAT(getRefusal(), HasSubstr("to leave plan.programs"));
  options.pipeline = "gemma-simplify-pipeline,gemma-fusion-pipeline,"
                     "gemma-quantization-pipeline,plan-lower-gemma";
  EXPECT_THAT(getRefusal(), HasSubstr("to leave plan.programs"));
}

TEST_F(CompileTest, RefusesWrongOptions) {
  options.quant = "int3";
  EXPECT_THAT(getRefusal(), HasSubstr("'--quant' can be f32"));
  options.quant = "int8";
  options.kv = "int3";
  EXPECT_THAT(getRefusal(), HasSubstr("'int3'"));
  options.kv = "bf16";
  options.context = (1 << 20) + 1;
  EXPECT_THAT(getRefusal(), HasSubstr("between 1 and 1048576"));
  options.context = 0;
  options.targets = {"z80"};
  EXPECT_THAT(getRefusal(), HasSubstr("target 'z80' is unknown"));
}

} // namespace
