//===- Generation_test.cpp - Special tokens and sampling --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/Generation.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "gmock/gmock.h"

using namespace lapidary::huggingface;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class GenerationTest : public testing::Test {
protected:
  /// Reads a checkpoint of 100 tokens with these files.
  llvm::Expected<Generation> tryRead(llvm::StringRef config,
                                     llvm::StringRef generation = "") {
    directory.write("model.safetensors", makeSafeTensors("{}", 0));
    directory.write("config.json", config);
    if (!generation.empty())
      directory.write("generation_config.json", generation);
    auto checkpoint = llvm::cantFail(Checkpoint::open(directory.getPath()));
    return readGeneration(*checkpoint, /*vocabulary=*/100);
  }

  Generation read(llvm::StringRef config, llvm::StringRef generation = "") {
    return llvm::cantFail(tryRead(config, generation));
  }

  TemporaryDirectory directory;
};

TEST_F(GenerationTest, IsGreedyWithGemmasTokensByDefault) {
  Generation generation = read("{}");
  EXPECT_EQ(generation.bos, 2);
  EXPECT_EQ(generation.pad, 0);
  EXPECT_THAT(generation.eos, ElementsAre(1));
  EXPECT_EQ(generation.temperature, 0);
  EXPECT_EQ(generation.topK, 0);
  EXPECT_EQ(generation.topP, 1);
}

TEST_F(GenerationTest, TakesTokensFromTheMostSpecificFile) {
  EXPECT_THAT(read(R"({"text_config":{"eos_token_id":5}})").eos,
              ElementsAre(5));
  EXPECT_THAT(
      read(R"({"eos_token_id":[1,6],"text_config":{"eos_token_id":5}})").eos,
      ElementsAre(1, 6));
  EXPECT_THAT(
      read(R"({"eos_token_id":[1,6]})", R"({"eos_token_id":[7,8]})").eos,
      ElementsAre(7, 8));
}

TEST_F(GenerationTest, SamplesWhereTheCheckpointDoes) {
  Generation generation =
      read("{}", R"({"do_sample":true,"top_k":64,"top_p":0.95})");
  EXPECT_EQ(generation.temperature, 1);
  EXPECT_EQ(generation.topK, 64);
  EXPECT_EQ(generation.topP, 0.95);
  EXPECT_EQ(read("{}", R"({"do_sample":true})").topK, 50);
  EXPECT_EQ(read("{}", R"({"do_sample":false,"temperature":0.5})").temperature,
            0);
}

TEST_F(GenerationTest, NamesFieldExpectedAndFound) {
  EXPECT_THAT(getMessage(tryRead(R"({"eos_token_id":[1,100]})")),
              HasSubstr("config.json: field 'eos_token_id' must be an integer "
                        "from 0 to 99 or a list of such, but it is 100"));
  EXPECT_THAT(getMessage(tryRead("{}", R"({"bos_token_id":-1})")),
              HasSubstr("generation_config.json: field 'bos_token_id'"));
  EXPECT_THAT(getMessage(tryRead("{}", R"({"do_sample":true,"top_p":1.5})")),
              HasSubstr("at most 1, but it is 1.5"));
}

} // namespace
