//===- Gemma3nConfig_test.cpp - Every spelling of a config ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/Gemma3nConfig.h"
#include "frontends/huggingface/Json.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "gmock/gmock.h"

using namespace lapidary::huggingface;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

namespace {

llvm::Expected<Gemma3nConfig> tryRead(llvm::StringRef text) {
  llvm::Expected<llvm::json::Object> object =
      parseJsonObject("config.json", text);
  if (!object)
    return object.takeError();
  return readGemma3nConfig("config.json", *object);
}

Gemma3nConfig read(llvm::StringRef text) {
  return llvm::cantFail(tryRead(text));
}

std::string fail(llvm::StringRef text) { return getMessage(tryRead(text)); }

TEST(Gemma3nConfig, HasTheDefaultsOfTransformers) {
  Gemma3nConfig config = read("{}");
  EXPECT_EQ(config.vocabulary, 262400);
  EXPECT_EQ(config.hidden, 2048);
  EXPECT_THAT(config.intermediates, AllOf(SizeIs(35), Each(16384)));
  EXPECT_EQ(config.heads, 8);
  EXPECT_EQ(config.fullHeads.kvHeads, 2);
  EXPECT_EQ(config.slidingHeads.width, 256);
  EXPECT_EQ(config.maxPositions, 32768);
  EXPECT_EQ(config.window, 512);
  EXPECT_EQ(config.layerTypes[3], LayerType::Sliding);
  EXPECT_EQ(config.layerTypes[4], LayerType::Full);
  EXPECT_EQ(config.slidingRope.base, 1e4);
  EXPECT_EQ(config.fullRope.base, 1e6);
  EXPECT_EQ(config.attentionScale, 1.0);
  EXPECT_EQ(config.finalLogitSoftcap, 30.0);
  EXPECT_EQ(config.perLayerWidth, 256);
  EXPECT_EQ(config.perLayerVocabulary, 262144);
  EXPECT_EQ(config.streams, 4);
  EXPECT_EQ(config.activeStream, 0);
  EXPECT_TRUE(config.scalesActiveStream);
  EXPECT_EQ(config.laurelRank, 64);
}

TEST(Gemma3nConfig, ReadsTheWrappedForm) {
  Gemma3nConfig config =
      read(R"({"text_config":{"hidden_size":64,"final_logit_softcapping":null,)"
           R"("hidden_size_per_layer_input":8,"vocab_size_per_layer_input":99,)"
           R"("altup_num_inputs":3,"altup_active_idx":1,"laurel_rank":4,)"
           R"("altup_correct_scale":false}})");
  EXPECT_EQ(config.hidden, 64);
  EXPECT_EQ(config.finalLogitSoftcap, std::nullopt);
  EXPECT_EQ(config.perLayerWidth, 8);
  EXPECT_EQ(config.perLayerVocabulary, 99);
  EXPECT_EQ(config.streams, 3);
  EXPECT_EQ(config.activeStream, 1);
  EXPECT_EQ(config.laurelRank, 4);
  EXPECT_FALSE(config.scalesActiveStream);
}

TEST(Gemma3nConfig, ReadsOneWidthForEachLayer) {
  EXPECT_THAT(read(R"({"num_hidden_layers":2,"intermediate_size":[5,6],)"
                   R"("num_kv_shared_layers":0})")
                  .intermediates,
              ElementsAre(5, 6));
}

TEST(Gemma3nConfig, LastLayersReadKeysOfTheLastOfTheirType) {
  Gemma3nConfig config = read("{}");
  EXPECT_EQ(config.kvOwners[19], 19);
  EXPECT_EQ(config.kvOwners[20], 18);
  EXPECT_EQ(config.kvOwners[24], 19);
  EXPECT_EQ(config.kvOwners[34], 19);
  EXPECT_THAT(read(R"({"num_hidden_layers":5,"num_kv_shared_layers":2,)"
                   R"("layer_types":["full_attention","sliding_attention",)"
                   R"("sliding_attention","full_attention",)"
                   R"("sliding_attention"]})")
                  .kvOwners,
              ElementsAre(0, 1, 2, 0, 2));
}

TEST(Gemma3nConfig, RefusesToShareWhatNoLayerHas) {
  EXPECT_THAT(
      fail(R"({"num_hidden_layers":6,"num_kv_shared_layers":2})"),
      HasSubstr("field 'num_kv_shared_layers' lets the last 2 of 6 layers read "
                "the keys and values of earlier ones, but none of these has "
                "the type of layer 4"));
  // The default is for deep models.
  EXPECT_THAT(fail(R"({"num_hidden_layers":6})"),
              HasSubstr("lets the last 15 of 6 layers"));
  EXPECT_THAT(fail(R"({"num_hidden_layers":6,"num_kv_shared_layers":6})"),
              HasSubstr("must be an integer from 0 to 5, but it is 6"));
}

TEST(Gemma3nConfig, IsSparseInItsFirstLayersIfDeep) {
  llvm::SmallVector<double> deep = read("{}").sparsities;
  EXPECT_EQ(deep.size(), 35u);
  EXPECT_EQ(deep[9], 0.95);
  EXPECT_EQ(deep[10], 0);
  EXPECT_THAT(
      read(R"({"num_hidden_layers":10,"num_kv_shared_layers":0})").sparsities,
      AllOf(SizeIs(10), Each(0)));
  EXPECT_THAT(read(R"({"num_hidden_layers":2,"num_kv_shared_layers":0,)"
                   R"("activation_sparsity_pattern":[0.5,0]})")
                  .sparsities,
              ElementsAre(0.5, 0));
}

TEST(Gemma3nConfig, RefusesOtherSparsities) {
  auto failWith = [](const std::string &list) {
    return fail(R"({"num_hidden_layers":2,"num_kv_shared_layers":0,)"
                R"("activation_sparsity_pattern":)" +
                list + "}");
  };
  EXPECT_THAT(failWith("[0.5]"),
              HasSubstr("field 'activation_sparsity_pattern' must have 2 "
                        "entries, one per layer, but it has 1"));
  EXPECT_THAT(failWith("0.5"), HasSubstr("must be a list of numbers, but it "
                                         "is 0.5"));
  EXPECT_THAT(failWith("[0.5,\"0\"]"), HasSubstr("must be a list of numbers"));
  EXPECT_THAT(failWith("[0.5,1]"),
              HasSubstr("must be a list of numbers from 0 to below 1"));
  EXPECT_THAT(failWith("[0.5,-0.1]"), HasSubstr("from 0 to below 1"));
}

TEST(Gemma3nConfig, NamesFieldExpectedAndFound) {
  EXPECT_THAT(fail(R"({"altup_num_inputs":0})"),
              HasSubstr("field 'altup_num_inputs' must be an integer from 1 to "
                        "64, but it is 0"));
  EXPECT_THAT(fail(R"({"altup_active_idx":4})"),
              HasSubstr("field 'altup_active_idx' must be an integer from 0 to "
                        "3, but it is 4"));
  EXPECT_THAT(fail(R"({"laurel_rank":0})"), HasSubstr("'laurel_rank'"));
  EXPECT_THAT(fail(R"({"hidden_size_per_layer_input":0})"),
              HasSubstr("'hidden_size_per_layer_input' must be at least 1"));
  EXPECT_THAT(fail(R"({"use_bidirectional_attention":true})"),
              HasSubstr("only causal models are supported"));
}

} // namespace
