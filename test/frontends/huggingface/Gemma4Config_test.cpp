//===- Gemma4Config_test.cpp - Every spelling of a config -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/Gemma4Config.h"
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

llvm::Expected<Gemma4Config> tryRead(llvm::StringRef text) {
  llvm::Expected<llvm::json::Object> object =
      parseJsonObject("config.json", text);
  if (!object)
    return object.takeError();
  return readGemma4Config("config.json", *object);
}

Gemma4Config read(llvm::StringRef text) {
  return llvm::cantFail(tryRead(text));
}

std::string fail(llvm::StringRef text) { return getMessage(tryRead(text)); }

TEST(Gemma4Config, HasTheDefaultsOfTransformers) {
  Gemma4Config config = read("{}");
  EXPECT_EQ(config.vocabulary, 262144);
  EXPECT_EQ(config.hidden, 2304);
  EXPECT_THAT(config.intermediates, AllOf(SizeIs(30), Each(9216)));
  EXPECT_EQ(config.heads, 8);
  EXPECT_EQ(config.slidingHeads, (HeadFacts{4, 256}));
  EXPECT_EQ(config.fullHeads, (HeadFacts{4, 512}));
  EXPECT_EQ(config.maxPositions, 131072);
  EXPECT_EQ(config.window, 512);
  EXPECT_EQ(config.layerTypes[4], LayerType::Sliding);
  EXPECT_EQ(config.layerTypes[5], LayerType::Full);
  EXPECT_EQ(config.slidingRope.base, 1e4);
  EXPECT_EQ(config.slidingRope.share, 1.0);
  EXPECT_EQ(config.fullRope.base, 1e6);
  EXPECT_EQ(config.fullRope.factor, 1.0);
  EXPECT_EQ(config.fullRope.share, 0.25);
  EXPECT_EQ(config.attentionScale, 1.0);
  EXPECT_EQ(config.finalLogitSoftcap, std::nullopt);
  EXPECT_EQ(config.perLayerWidth, 256);
  EXPECT_EQ(config.perLayerVocabulary, 262144);
  EXPECT_EQ(config.kvOwners.back(), 29);
  EXPECT_FALSE(config.keysAreValues);
  EXPECT_FALSE(config.experts);
}

TEST(Gemma4Config, HasTheDefaultsOfTheUnifiedModel) {
  for (const char *text : {R"({"model_type":"gemma4_unified_text"})",
                           R"({"model_type":"gemma4_unified","text_config":{)"
                           R"("model_type":"gemma4_unified_text"}})"}) {
    Gemma4Config config = read(text);
    EXPECT_EQ(config.maxPositions, 262144);
    EXPECT_EQ(config.window, 1024);
    EXPECT_EQ(config.perLayerWidth, 0);
  }
}

TEST(Gemma4Config, EndsWithAFullLayer) {
  constexpr LayerType sliding = LayerType::Sliding, full = LayerType::Full;
  EXPECT_THAT(read(R"({"num_hidden_layers":2})").layerTypes,
              ElementsAre(sliding, full));
  EXPECT_THAT(read(R"({"num_hidden_layers":2,"layer_types":)"
                   R"(["full_attention","sliding_attention"]})")
                  .layerTypes,
              ElementsAre(full, full));
}

TEST(Gemma4Config, ReadsHeadsOfFullLayers) {
  // Fewer of keys only where values are keys.
  EXPECT_EQ(read(R"({"global_head_dim":64,"num_global_key_value_heads":1,)"
                 R"("attention_k_eq_v":true})")
                .fullHeads,
            (HeadFacts{1, 64}));
  EXPECT_EQ(read(R"({"num_global_key_value_heads":1})").fullHeads,
            (HeadFacts{4, 512}));
  EXPECT_EQ(read(R"({"num_global_key_value_heads":null,)"
                 R"("attention_k_eq_v":true})")
                .fullHeads,
            (HeadFacts{4, 512}));
}

TEST(Gemma4Config, ReadsHeadsOfEachLayer) {
  Gemma4Config config =
      read(R"({"num_hidden_layers":12,"head_dim":16,"per_layer_config":{)"
           R"("05":{"head_dim":32,"num_key_value_heads":1},)"
           R"("11":{"head_dim":32,"num_key_value_heads":1}}})");
  EXPECT_EQ(config.slidingHeads, (HeadFacts{4, 16}));
  EXPECT_EQ(config.fullHeads, (HeadFacts{1, 32}));
  // What the list leaves out is as in all layers.
  EXPECT_EQ(read(R"({"per_layer_config":{}})").fullHeads, (HeadFacts{4, 256}));
  EXPECT_EQ(read(R"({"num_hidden_layers":6,"per_layer_config":{)"
                 R"("5":{"num_key_value_heads":2}}})")
                .fullHeads,
            (HeadFacts{2, 256}));
}

TEST(Gemma4Config, RefusesOtherDifferencesOfLayers) {
  EXPECT_THAT(fail(R"({"num_hidden_layers":12,"per_layer_config":{)"
                   R"("11":{"head_dim":32}}})"),
              HasSubstr("field 'per_layer_config' must say the same of all "
                        "layers of one type"));
  EXPECT_THAT(fail(R"({"num_hidden_layers":6,"per_layer_config":{)"
                   R"("5":{"sliding_window":7}}})"),
              HasSubstr("field 'per_layer_config.5.sliding_window' must be "
                        "absent, since layers can only differ in 'head_dim' "
                        "and 'num_key_value_heads', but it is 7"));
  for (const char *name : {"6", "-1", "last"})
    EXPECT_THAT(fail(R"({"num_hidden_layers":6,"per_layer_config":{")" +
                     std::string(name) + R"(":{}}})"),
                HasSubstr("field 'per_layer_config." + std::string(name) +
                          "' must be named after one of the 6 layers"));
  EXPECT_THAT(fail(R"({"per_layer_config":{"5":512}})"),
              HasSubstr("field 'per_layer_config.5' must be an object"));
}

TEST(Gemma4Config, RefusesHeadsThatDoNotFit) {
  EXPECT_THAT(fail(R"({"num_global_key_value_heads":3})"),
              HasSubstr("field 'num_global_key_value_heads' must be a divisor "
                        "of the 8 of 'num_attention_heads', but it is 3"));
  EXPECT_THAT(fail(R"({"global_head_dim":17})"),
              HasSubstr("field 'global_head_dim' must be even, but it is 17"));
  EXPECT_THAT(fail(R"({"num_hidden_layers":6,"per_layer_config":{)"
                   R"("5":{"num_key_value_heads":3}}})"),
              HasSubstr("field 'per_layer_config.5.num_key_value_heads' must "
                        "be a divisor of the 8"));
}

TEST(Gemma4Config, DoublesFeedForwardOfLayersThatBorrow) {
  Gemma4Config config =
      read(R"({"num_hidden_layers":4,"num_kv_shared_layers":2,)"
           R"("layer_types":["sliding_attention","full_attention",)"
           R"("sliding_attention","full_attention"],)"
           R"("intermediate_size":80,"use_double_wide_mlp":true})");
  EXPECT_THAT(config.kvOwners, ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(config.intermediates, ElementsAre(80, 80, 160, 160));
}

TEST(Gemma4Config, ReadsExperts) {
  Gemma4Config config =
      read(R"({"enable_moe_block":true,"num_experts":10,"top_k_experts":3,)"
           R"("moe_intermediate_size":24})");
  ASSERT_TRUE(config.experts);
  EXPECT_EQ(config.experts->count, 10);
  EXPECT_EQ(config.experts->top, 3);
  EXPECT_EQ(config.experts->width, 24);
  EXPECT_FALSE(read(R"({"num_experts":10})").experts);
}

TEST(Gemma4Config, RefusesExpertsWithoutNumbers) {
  EXPECT_THAT(fail(R"({"enable_moe_block":true})"),
              HasSubstr("field 'num_experts' must be an integer from 1 to "
                        "16777216, but it is absent"));
  EXPECT_THAT(fail(R"({"enable_moe_block":true,"num_experts":4,)"
                   R"("top_k_experts":5,"moe_intermediate_size":24})"),
              HasSubstr("field 'top_k_experts' must be an integer from 1 to 4, "
                        "but it is 5"));
  EXPECT_THAT(fail(R"({"enable_moe_block":true,"num_experts":4,)"
                   R"("top_k_experts":1})"),
              HasSubstr("field 'moe_intermediate_size' must be an integer"));
}

TEST(Gemma4Config, ReadsTheWrappedForm) {
  Gemma4Config config =
      read(R"({"model_type":"gemma4","text_config":{"hidden_size":64,)"
           R"("final_logit_softcapping":30.0,"attention_k_eq_v":true,)"
           R"("hidden_size_per_layer_input":0}})");
  EXPECT_EQ(config.hidden, 64);
  EXPECT_EQ(config.finalLogitSoftcap, 30.0);
  EXPECT_EQ(config.perLayerWidth, 0);
  EXPECT_TRUE(config.keysAreValues);
}

TEST(Gemma4Config, IsCausal) {
  EXPECT_EQ(read(R"({"use_bidirectional_attention":"vision"})").isBidirectional,
            false);
  EXPECT_THAT(fail(R"({"use_bidirectional_attention":"all"})"),
              HasSubstr("field 'use_bidirectional_attention' must be 'vision' "
                        "or null, since only causal models are supported, but "
                        "it is \"all\""));
}

llvm::Expected<EmbeddingGemma2Config> tryReadEncoder(llvm::StringRef text) {
  llvm::Expected<llvm::json::Object> object =
      parseJsonObject("config.json", text);
  if (!object)
    return object.takeError();
  return readEmbeddingGemma2Config("config.json", *object);
}

EmbeddingGemma2Config readEncoder(llvm::StringRef text) {
  return llvm::cantFail(tryReadEncoder(text));
}

TEST(EmbeddingGemma2Config, HasTheDefaultsOfTransformers) {
  EmbeddingGemma2Config config = readEncoder("{}");
  EXPECT_EQ(config.vocabulary, 262144);
  EXPECT_EQ(config.hidden, 512);
  EXPECT_THAT(config.intermediates, AllOf(SizeIs(24), Each(2048)));
  EXPECT_EQ(config.heads, 4);
  EXPECT_EQ(config.slidingHeads, (HeadFacts{2, 256}));
  EXPECT_EQ(config.fullHeads, (HeadFacts{1, 512}));
  EXPECT_EQ(config.maxPositions, 262144);
  EXPECT_EQ(config.layerTypes[4], LayerType::Sliding);
  EXPECT_EQ(config.layerTypes[5], LayerType::Full);
  EXPECT_EQ(config.slidingRope.base, 1e4);
  EXPECT_EQ(config.fullRope.base, 1e6);
  EXPECT_EQ(config.fullRope.share, 1.0);
  EXPECT_EQ(config.attentionScale, 1.0);
  EXPECT_EQ(config.perLayerWidth, 512);
  EXPECT_EQ(config.perLayerVocabulary, 0);
  EXPECT_EQ(config.embeddingWidth, 768);
  EXPECT_TRUE(config.isBidirectional);
}

TEST(EmbeddingGemma2Config, SeesTheWindowOnEitherSide) {
  // The query's own key counts.
  EXPECT_EQ(readEncoder(R"({"sliding_window":4})").window, 5);
}

TEST(EmbeddingGemma2Config, ReadsHeadsOfFullLayers) {
  EXPECT_EQ(readEncoder(R"({"global_head_dim":64,)"
                        R"("num_global_key_value_heads":2})")
                .fullHeads,
            (HeadFacts{2, 64}));
  EXPECT_EQ(readEncoder(R"({"num_hidden_layers":2,"per_layer_config":{)"
                        R"("1":{"head_dim":32,"num_key_value_heads":4}}})")
                .fullHeads,
            (HeadFacts{4, 32}));
}

TEST(EmbeddingGemma2Config, ReadsThePatternOfLayers) {
  constexpr LayerType sliding = LayerType::Sliding, full = LayerType::Full;
  EXPECT_THAT(readEncoder(R"({"num_hidden_layers":5,)"
                          R"("sliding_window_pattern":2})")
                  .layerTypes,
              ElementsAre(sliding, full, sliding, full, full));
}

TEST(EmbeddingGemma2Config, RefusesOtherFields) {
  EXPECT_THAT(getMessage(tryReadEncoder(R"({"embedding_dim":0})")),
              HasSubstr("field 'embedding_dim' must be an integer from 1 to "
                        "16777216, but it is 0"));
  EXPECT_THAT(getMessage(tryReadEncoder(R"({"num_global_key_value_heads":3})")),
              HasSubstr("field 'num_global_key_value_heads' must be a divisor "
                        "of the 4 of 'num_attention_heads', but it is 3"));
}

} // namespace
