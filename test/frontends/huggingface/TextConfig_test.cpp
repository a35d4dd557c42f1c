//===- TextConfig_test.cpp - Every spelling of a config ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/Json.h"
#include "frontends/huggingface/TextConfig.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "gmock/gmock.h"

using namespace lapidary::huggingface;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

namespace {

llvm::Expected<TextConfig> tryRead(llvm::StringRef text,
                                   TextConfigReader &reader) {
  llvm::Expected<llvm::json::Object> object =
      parseJsonObject("config.json", text);
  if (!object)
    return object.takeError();
  return reader("config.json", *object);
}

TextConfig read(llvm::StringRef text,
                TextConfigReader &reader = readGemma3Config) {
  return llvm::cantFail(tryRead(text, reader));
}

std::string fail(llvm::StringRef text,
                 TextConfigReader &reader = readGemma3Config) {
  return getMessage(tryRead(text, reader));
}

void expectRope(const RopeFacts &rope, double base, double factor,
                double share = 1) {
  EXPECT_EQ(rope.base, base);
  EXPECT_EQ(rope.factor, factor);
  EXPECT_EQ(rope.share, share);
}

TEST(Gemma3Config, HasTheDefaultsOfTransformers) {
  TextConfig config = read("{}");
  EXPECT_EQ(config.vocabulary, 262208);
  EXPECT_EQ(config.hidden, 2304);
  EXPECT_EQ(config.layerTypes.size(), 26u);
  EXPECT_THAT(config.intermediates, AllOf(SizeIs(26), Each(9216)));
  EXPECT_EQ(config.heads, 8);
  EXPECT_EQ(config.fullHeads.kvHeads, 4);
  EXPECT_EQ(config.fullHeads.width, 256);
  EXPECT_EQ(config.slidingHeads.kvHeads, 4);
  EXPECT_EQ(config.slidingHeads.width, 256);
  EXPECT_EQ(config.maxPositions, 131072);
  EXPECT_EQ(config.window, 4096);
  EXPECT_EQ(config.attentionScale, 1.0 / 16);
  EXPECT_EQ(config.rmsNormEpsilon, 1e-6);
  EXPECT_EQ(config.finalLogitSoftcap, std::nullopt);
  EXPECT_TRUE(config.tiedEmbeddings);
  expectRope(config.slidingRope, 1e4, 1);
  expectRope(config.fullRope, 1e6, 1);
}

TEST(Gemma3Config, DerivesLayerTypesFromThePattern) {
  constexpr LayerType sliding = LayerType::Sliding, full = LayerType::Full;
  EXPECT_THAT(
      read(R"({"num_hidden_layers":7,"sliding_window_pattern":3})").layerTypes,
      ElementsAre(sliding, sliding, full, sliding, sliding, full, sliding));
  EXPECT_THAT(
      read(R"({"num_hidden_layers":7})").layerTypes,
      ElementsAre(sliding, sliding, sliding, sliding, sliding, full, sliding));
}

TEST(Gemma3Config, PrefersTheListOfLayerTypes) {
  EXPECT_THAT(read(R"({"num_hidden_layers":2,"sliding_window_pattern":1,)"
                   R"("layer_types":["full_attention","sliding_attention"]})")
                  .layerTypes,
              ElementsAre(LayerType::Full, LayerType::Sliding));
}

TEST(Gemma3Config, ReadsOneWidthForEachLayer) {
  EXPECT_THAT(read(R"({"num_hidden_layers":2,"intermediate_size":[5,6]})")
                  .intermediates,
              ElementsAre(5, 6));
}

TEST(Gemma3Config, ReadsOldFlatRope) {
  TextConfig config = read(R"({"rope_theta":20000,)"
                           R"("rope_local_base_freq":100,)"
                           R"("rope_scaling":{"type":"linear","factor":8}})");
  expectRope(config.slidingRope, 100, 1);
  expectRope(config.fullRope, 20000, 8);
  expectRope(read(R"({"rope_scaling":{"rope_type":"default"}})").fullRope, 1e6,
             1);
}

TEST(Gemma3Config, ReadsNestedRope) {
  TextConfig config =
      read(R"({"rope_parameters":{)"
           R"("sliding_attention":{"rope_type":"default","rope_theta":200},)"
           R"("full_attention":{"rope_type":"linear","rope_theta":5000,)"
           R"("factor":8}}})");
  expectRope(config.slidingRope, 200, 1);
  expectRope(config.fullRope, 5000, 8);
}

TEST(Gemma3Config, ReadsProportionalRope) {
  TextConfig config = read(
      R"({"rope_parameters":{"full_attention":{"rope_type":"proportional",)"
      R"("partial_rotary_factor":0.25}}})");
  expectRope(config.slidingRope, 1e4, 1);
  expectRope(config.fullRope, 1e6, 1, 0.25);
}

TEST(Gemma3Config, ReadsMixedRope) {
  TextConfig config = read(R"({"rope_theta":7000,"rope_scaling":{"factor":4,)"
                           R"("rope_type":"linear"},"rope_parameters":{)"
                           R"("full_attention":{"rope_type":"default"}}})");
  expectRope(config.slidingRope, 1e4, 1);
  expectRope(config.fullRope, 7000, 4);
}

TEST(Gemma3Config, RefusesOtherRopes) {
  EXPECT_THAT(fail(R"({"rope_scaling":{"rope_type":"yarn","factor":8}})"),
              HasSubstr("field 'rope_scaling.rope_type' must be 'default', "
                        "'linear' or 'proportional', but it is \"yarn\""));
  EXPECT_THAT(fail(R"({"rope_scaling":{"rope_type":"linear"}})"),
              HasSubstr("field 'rope_scaling.factor' must be a number above 0 "
                        "that float32 can hold, but it is absent"));
  EXPECT_THAT(fail(R"({"rope_scaling":{"rope_type":"proportional",)"
                   R"("partial_rotary_factor":1.5}})"),
              HasSubstr("field 'rope_scaling.partial_rotary_factor' must be at "
                        "most 1, but it is 1.5"));
  EXPECT_THAT(fail(R"({"rope_parameters":{"rope_theta":10000}})"),
              HasSubstr("field 'rope_parameters' must be an object with one "
                        "object per layer type"));
}

TEST(Gemma3Config, ReadsTheWrappedForm) {
  TextConfig config =
      read(R"({"tie_word_embeddings":false,"text_config":{"hidden_size":64,)"
           R"("final_logit_softcapping":30.0}})");
  EXPECT_EQ(config.hidden, 64);
  EXPECT_FALSE(config.tiedEmbeddings);
  // The wrapped model never caps its logits.
  EXPECT_EQ(config.finalLogitSoftcap, std::nullopt);
  EXPECT_EQ(read(R"({"final_logit_softcapping":30.0})").finalLogitSoftcap,
            30.0);
}

TEST(Gemma3Config, NamesFieldExpectedAndFound) {
  EXPECT_THAT(fail(R"({"text_config":{"hidden_size":-3}})"),
              HasSubstr("config.json: field 'text_config.hidden_size' must be "
                        "an integer from 1 to 16777216, but it is -3"));
  EXPECT_THAT(fail(R"({"hidden_size":"64"})"), HasSubstr("it is \"64\""));
  EXPECT_THAT(fail(R"({"hidden_size":1e30})"), HasSubstr("'hidden_size'"));
  EXPECT_THAT(fail(R"({"hidden_size":true})"), HasSubstr("it is true"));
  EXPECT_THAT(fail(R"({"num_hidden_layers":100000})"),
              HasSubstr("from 1 to 4096, but it is 100000"));
  EXPECT_THAT(fail(R"({"rms_norm_eps":0})"), HasSubstr("'rms_norm_eps'"));
  EXPECT_THAT(fail(R"({"rms_norm_eps":1e-300})"), HasSubstr("'rms_norm_eps'"));
  EXPECT_THAT(fail(R"({"tie_word_embeddings":1})"),
              HasSubstr("must be true or false, but it is 1"));
  EXPECT_THAT(fail(R"({"text_config":[]})"),
              HasSubstr("'text_config' must be an object"));
}

TEST(Gemma3Config, RefusesContradictions) {
  EXPECT_THAT(fail(R"({"num_attention_heads":6,"num_key_value_heads":4})"),
              HasSubstr("field 'num_attention_heads' must be a multiple of the "
                        "4 of 'num_key_value_heads', but it is 6"));
  EXPECT_THAT(fail(R"({"head_dim":17})"),
              HasSubstr("field 'head_dim' must be even, but it is 17"));
  EXPECT_THAT(fail(R"({"num_hidden_layers":2,)"
                   R"("layer_types":["full_attention"]})"),
              HasSubstr("field 'layer_types' must have 2 entries, one per "
                        "layer, but it has 1"));
  EXPECT_THAT(
      fail(R"({"num_hidden_layers":3,"intermediate_size":[5,6]})"),
      HasSubstr("field 'intermediate_size' must have 3 entries, one per "
                "layer, but it has 2"));
  EXPECT_THAT(fail(R"({"num_hidden_layers":1,"layer_types":["chunked"]})"),
              HasSubstr("but one entry is 'chunked'"));
  EXPECT_THAT(fail(R"({"num_hidden_layers":1,"layer_types":[1]})"),
              HasSubstr("must be a list of strings"));
}

TEST(Gemma3Config, RefusesWhatIsNotSupported) {
  EXPECT_THAT(fail(R"({"hidden_activation":"relu"})"),
              HasSubstr("must be 'gelu_pytorch_tanh', but it is \"relu\""));
  EXPECT_THAT(fail(R"({"attention_bias":true})"),
              HasSubstr("biases are not supported"));
}

TEST(Gemma1Config, HasTheDefaultsOfTransformers) {
  TextConfig config = read("{}", readGemma1Config);
  EXPECT_EQ(config.vocabulary, 256000);
  EXPECT_EQ(config.hidden, 3072);
  EXPECT_THAT(config.intermediates, AllOf(SizeIs(28), Each(24576)));
  EXPECT_THAT(config.layerTypes, AllOf(SizeIs(28), Each(LayerType::Full)));
  EXPECT_EQ(config.heads, 16);
  EXPECT_EQ(config.fullHeads.kvHeads, 16);
  EXPECT_EQ(config.fullHeads.width, 256);
  EXPECT_EQ(config.maxPositions, 8192);
  EXPECT_EQ(config.attentionScale, 1.0 / 16);
  EXPECT_EQ(config.attentionSoftcap, std::nullopt);
  EXPECT_EQ(config.finalLogitSoftcap, std::nullopt);
  expectRope(config.fullRope, 1e4, 1);
}

TEST(Gemma1Config, ScalesByTheHeadsWidth) {
  EXPECT_EQ(read(R"({"head_dim":16})", readGemma1Config).attentionScale, 0.25);
}

TEST(Gemma1Config, TakesGeluForItsTanhForm) {
  for (llvm::StringRef text :
       {R"({"hidden_act":"gelu"})", R"({"hidden_act":"gelu_pytorch_tanh"})",
        R"({"hidden_act":"gelu","hidden_activation":null})"})
    EXPECT_EQ(fail(text, readGemma1Config), "");
  EXPECT_THAT(fail(R"({"hidden_act":"silu"})", readGemma1Config),
              HasSubstr("field 'hidden_act' must be 'gelu' or "
                        "'gelu_pytorch_tanh', but it is \"silu\""));
}

TEST(Gemma2Config, HasTheDefaultsOfTransformers) {
  TextConfig config = read("{}", readGemma2Config);
  EXPECT_EQ(config.vocabulary, 256000);
  EXPECT_EQ(config.hidden, 2304);
  EXPECT_THAT(config.intermediates, AllOf(SizeIs(26), Each(9216)));
  EXPECT_EQ(config.heads, 8);
  EXPECT_EQ(config.fullHeads.kvHeads, 4);
  EXPECT_EQ(config.fullHeads.width, 256);
  EXPECT_EQ(config.maxPositions, 8192);
  EXPECT_EQ(config.window, 4096);
  EXPECT_EQ(config.attentionScale, 1.0 / 16);
  EXPECT_EQ(config.attentionSoftcap, 50.0);
  EXPECT_EQ(config.finalLogitSoftcap, 30.0);
  expectRope(config.slidingRope, 1e4, 1);
  expectRope(config.fullRope, 1e4, 1);
}

TEST(Gemma2Config, AlternatesLayerTypes) {
  EXPECT_THAT(
      read(R"({"num_hidden_layers":3})", readGemma2Config).layerTypes,
      ElementsAre(LayerType::Sliding, LayerType::Full, LayerType::Sliding));
}

TEST(Gemma2Config, TurnsSoftcapsOffByNull) {
  TextConfig config = read(R"({"attn_logit_softcapping":null,)"
                           R"("final_logit_softcapping":null})",
                           readGemma2Config);
  EXPECT_EQ(config.attentionSoftcap, std::nullopt);
  EXPECT_EQ(config.finalLogitSoftcap, std::nullopt);
  EXPECT_THAT(fail(R"({"attn_logit_softcapping":0})", readGemma2Config),
              HasSubstr("field 'attn_logit_softcapping' must be a number above "
                        "0 that float32 can hold, but it is 0"));
}

TEST(Gemma2Config, ReadsOneRopeForAllLayers) {
  for (llvm::StringRef text :
       {R"({"rope_theta":500,"rope_scaling":{"type":"linear","factor":2}})",
        R"({"rope_parameters":{"rope_type":"linear","rope_theta":500,)"
        R"("factor":2}})",
        R"({"rope_theta":500,"rope_parameters":{"rope_type":"linear",)"
        R"("factor":2}})"}) {
    TextConfig config = read(text, readGemma2Config);
    expectRope(config.slidingRope, 500, 2);
    expectRope(config.fullRope, 500, 2);
  }
  EXPECT_THAT(
      fail(R"({"rope_parameters":{"full_attention":{}}})", readGemma2Config),
      HasSubstr("field 'rope_parameters' must be an object about layers "
                "of all types"));
}

TEST(EmbeddingGemmaConfig, HalvesTheWindow) {
  TextConfig config = read(R"({"use_bidirectional_attention":true,)"
                           R"("sliding_window":512})",
                           readEmbeddingGemmaConfig);
  EXPECT_TRUE(config.isBidirectional);
  EXPECT_EQ(config.window, 257);
  EXPECT_EQ(read(R"({"use_bidirectional_attention":true,"sliding_window":7})",
                 readEmbeddingGemmaConfig)
                .window,
            4);
}

TEST(EmbeddingGemmaConfig, RefusesCausalModels) {
  EXPECT_THAT(fail("{}", readEmbeddingGemmaConfig),
              HasSubstr("field 'use_bidirectional_attention' must be true, "
                        "since a causal model needs a head, but it is absent"));
}

TEST(TextConfig, IsCausalInAllGenerations) {
  for (TextConfigReader *reader :
       {readGemma1Config, readGemma2Config, readGemma3Config})
    EXPECT_THAT(fail(R"({"use_bidirectional_attention":true})", *reader),
                HasSubstr("only causal models are supported"));
}

} // namespace
