//===- Checkpoint_test.cpp - Checkpoint directories -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/Checkpoint.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "gmock/gmock.h"

using namespace lapidary::huggingface;
using testing::HasSubstr;

namespace {

class CheckpointTest : public testing::Test {
protected:
  CheckpointTest() { directory.write("config.json", "{}"); }

  std::string open() {
    return getMessage(Checkpoint::open(directory.getPath()));
  }

  /// Writes a weight file with one float called `tensor`.
  void writeShard(llvm::StringRef file, llvm::StringRef tensor) {
    std::string header = ("{\"" + tensor +
                          R"(":{"dtype":"F32","shape":[1],)"
                          R"("data_offsets":[0,4]}})")
                             .str();
    directory.write(file, makeSafeTensors(header, 4));
  }

  void writeIndex(llvm::StringRef weightMap) {
    directory.write("model.safetensors.index.json",
                    ("{\"weight_map\":" + weightMap + "}").str());
  }

  TemporaryDirectory directory;
};

TEST_F(CheckpointTest, OpensASingleFile) {
  writeShard("model.safetensors", "w");
  // Not looked at beside a single file.
  writeIndex(R"({"w":"absent.safetensors"})");
  auto checkpoint = llvm::cantFail(Checkpoint::open(directory.getPath()));
  EXPECT_NE(checkpoint->find("w"), nullptr);
  EXPECT_EQ(checkpoint->find("v"), nullptr);
  EXPECT_EQ(checkpoint->getGenerationConfig(), nullptr);
  EXPECT_EQ(checkpoint->findFile("tokenizer.model"), std::nullopt);
}

TEST_F(CheckpointTest, OpensShards) {
  writeShard("1.safetensors", "v");
  writeShard("2.safetensors", "w");
  writeIndex(R"({"v":"1.safetensors","w":"2.safetensors"})");
  std::string tokenizer = directory.write("tokenizer.model", "");
  directory.write("generation_config.json", "{\"top_k\":3}");
  auto checkpoint = llvm::cantFail(Checkpoint::open(directory.getPath()));
  EXPECT_THAT(checkpoint->find("v")->file.str(), HasSubstr("1.safetensors"));
  EXPECT_THAT(checkpoint->find("w")->file.str(), HasSubstr("2.safetensors"));
  EXPECT_EQ(checkpoint->getTensors().size(), 2u);
  EXPECT_EQ(checkpoint->getGenerationConfig()->getInteger("top_k"), 3);
  EXPECT_EQ(checkpoint->findFile("tokenizer.model"), tokenizer);
}

TEST_F(CheckpointTest, RefusesDirectoriesWithoutItsFiles) {
  EXPECT_THAT(getMessage(Checkpoint::open("absent")),
              HasSubstr("absent: expected a checkpoint directory"));
  EXPECT_THAT(open(), HasSubstr("expected 'model.safetensors' or "
                                "'model.safetensors.index.json', but found "
                                "neither"));
  directory.write("pytorch_model.bin", "");
  EXPECT_THAT(open(), HasSubstr("convert pytorch_model.bin to safetensors"));
  TemporaryDirectory empty;
  EXPECT_THAT(getMessage(Checkpoint::open(empty.getPath())),
              HasSubstr("config.json: cannot be read"));
}

TEST_F(CheckpointTest, RefusesConfigsThatAreNoJson) {
  writeShard("model.safetensors", "w");
  directory.write("config.json", "{,}");
  EXPECT_THAT(open(), HasSubstr("config.json: invalid JSON"));
  directory.write("config.json", "{}");
  directory.write("generation_config.json", "[]");
  EXPECT_THAT(open(), HasSubstr("generation_config.json: expected a JSON "
                                "object, but found an array"));
}

TEST_F(CheckpointTest, RefusesBrokenIndexes) {
  directory.write("model.safetensors.index.json", "{}");
  EXPECT_THAT(open(), HasSubstr("field 'weight_map' must be an object"));
  writeIndex(R"({"w":7})");
  EXPECT_THAT(open(), HasSubstr("field 'weight_map.w' must be a file name "
                                "without a folder, but it is 7"));
}

TEST_F(CheckpointTest, RefusesShardsOutsideOfTheDirectory) {
  for (const char *shard : {"../x.safetensors", "/etc/passwd", "..", ".", "",
                            "a/../b", "a\\\\b", "a\\u0000b"}) {
    writeIndex(std::string(R"({"w":")") + shard + "\"}");
    EXPECT_THAT(open(), HasSubstr("must be a file name without a folder"))
        << shard;
  }
}

TEST_F(CheckpointTest, RefusesMissingShardsAndTensors) {
  writeShard("1.safetensors", "v");
  writeIndex(R"({"v":"1.safetensors","w":"2.safetensors"})");
  EXPECT_THAT(open(), HasSubstr("shard '2.safetensors', which holds tensor "
                                "'w', is missing"));
  writeIndex(R"({"v":"1.safetensors","w":"1.safetensors"})");
  EXPECT_THAT(open(), HasSubstr("tensor 'w' must be in shard '1.safetensors'"));
}

TEST_F(CheckpointTest, RefusesTensorsInTwoShards) {
  writeShard("1.safetensors", "v");
  directory.write("2.safetensors",
                  makeSafeTensors(R"({"v":{"dtype":"F32","shape":[0],)"
                                  R"("data_offsets":[0,0]},"w":{"dtype":"F32",)"
                                  R"("shape":[0],"data_offsets":[0,0]}})",
                                  0));
  writeIndex(R"({"v":"1.safetensors","w":"2.safetensors"})");
  EXPECT_THAT(open(),
              testing::AllOf(HasSubstr("2.safetensors: tensor 'v' is also in"),
                             HasSubstr("1.safetensors'")));
}

} // namespace
