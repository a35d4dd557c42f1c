//===- Weights_test.cpp - Prefixes, shapes and leftovers --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/Weights.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "gmock/gmock.h"

using namespace lapidary::huggingface;
using testing::HasSubstr;

namespace {

class WeightsTest : public testing::Test {
protected:
  /// Opens a checkpoint of empty tensors with these names.
  const Checkpoint &open(llvm::ArrayRef<llvm::StringRef> names,
                         llvm::StringRef dtype = "F32") {
    std::string header;
    for (llvm::StringRef name : names)
      header += ((header.empty() ? "\"" : ",\"") + name + R"(":{"dtype":")" +
                 dtype + R"(","shape":[0,2],"data_offsets":[0,0]})")
                    .str();
    directory.write("config.json", "{}");
    directory.write("model.safetensors",
                    makeSafeTensors("{" + header + "}", 0));
    checkpoint = llvm::cantFail(Checkpoint::open(directory.getPath()));
    return *checkpoint;
  }

  TemporaryDirectory directory;
  std::unique_ptr<Checkpoint> checkpoint;
};

TEST_F(WeightsTest, FindsEveryPrefix) {
  for (std::string prefix :
       {"", "model.", "language_model.model.", "model.language_model.",
        "model.language_model.model.", "model.model.language_model.",
        "model.model.language_model.model."}) {
    std::string name = prefix + "embed_tokens.weight";
    Weights weights = llvm::cantFail(Weights::find(open({name})));
    const Tensor *tensor =
        llvm::cantFail(weights.take("embed_tokens.weight", {0, 2}));
    EXPECT_EQ(tensor->name, name);
  }
}

TEST_F(WeightsTest, FindsTheHeadBesideItsModel) {
  Weights released = llvm::cantFail(
      Weights::find(open({"language_model.model.embed_tokens.weight",
                          "language_model.lm_head.weight"})));
  EXPECT_EQ(getMessage(released.takeHead({0, 2})), "");
  Weights flat = llvm::cantFail(
      Weights::find(open({"model.embed_tokens.weight", "lm_head.weight"})));
  EXPECT_EQ(getMessage(flat.takeHead({0, 2})), "");
}

TEST_F(WeightsTest, RefusesCheckpointsWithoutATable) {
  EXPECT_THAT(getMessage(Weights::find(open({"transformer.wte.weight"}))),
              HasSubstr("model.safetensors: expected an embedding table called "
                        "'model.embed_tokens.weight', "));
}

TEST_F(WeightsTest, RefusesMissingAndMisshapenTensors) {
  Weights weights =
      llvm::cantFail(Weights::find(open({"model.embed_tokens.weight"})));
  EXPECT_THAT(
      getMessage(weights.take("layers.3.mlp.up_proj.weight", {96, 64})),
      HasSubstr("model.safetensors: tensor 'model.layers.3.mlp.up_proj.weight' "
                "is missing; expected shape [96, 64]"));
  EXPECT_THAT(getMessage(weights.take("embed_tokens.weight", {3, 2})),
              HasSubstr("tensor 'model.embed_tokens.weight' must have shape "
                        "[3, 2], but it has [0, 2]"));
}

TEST_F(WeightsTest, RefusesTensorsThatAreNoFloats) {
  Weights weights =
      llvm::cantFail(Weights::find(open({"embed_tokens.weight"}, "I64")));
  EXPECT_THAT(getMessage(weights.take("embed_tokens.weight", {0, 2})),
              HasSubstr("must be F32, BF16 or F16, but it is I64"));
}

TEST_F(WeightsTest, IgnoresWhatAModelMayLeaveUnused) {
  Weights weights = llvm::cantFail(Weights::find(
      open({"model.embed_tokens.weight", "model.layers.9.k_proj.weight"})));
  llvm::cantFail(weights.take("embed_tokens.weight", {0, 2}));
  weights.ignore("layers.9.k_proj.weight");
  weights.ignore("layers.9.v_proj.weight");
  EXPECT_TRUE(weights.getUnusedTensors().empty());
}

TEST_F(WeightsTest, TellsEncodersFromUnusedTensors) {
  Weights weights = llvm::cantFail(Weights::find(
      open({"model.language_model.embed_tokens.weight",
            "model.language_model.extra", "model.vision_tower.x",
            "multi_modal_projector.y", "model.model.vision_tower.z"})));
  llvm::cantFail(weights.take("embed_tokens.weight", {0, 2}));
  EXPECT_EQ(weights.getEncoderTensors().size(), 3u);
  ASSERT_EQ(weights.getUnusedTensors().size(), 1u);
  EXPECT_EQ(weights.getUnusedTensors()[0]->name, "model.language_model.extra");
}

} // namespace
