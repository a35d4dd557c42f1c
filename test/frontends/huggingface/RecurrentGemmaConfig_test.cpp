//===- RecurrentGemmaConfig_test.cpp ----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/Json.h"
#include "frontends/huggingface/RecurrentGemmaConfig.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "gmock/gmock.h"

using namespace lapidary::huggingface;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

namespace {

llvm::Expected<RecurrentGemmaConfig> tryRead(llvm::StringRef text) {
  llvm::Expected<llvm::json::Object> object =
      parseJsonObject("config.json", text);
  if (!object)
    return object.takeError();
  return readRecurrentGemmaConfig("config.json", *object);
}

RecurrentGemmaConfig read(llvm::StringRef text) {
  return llvm::cantFail(tryRead(text));
}

std::string fail(llvm::StringRef text) { return getMessage(tryRead(text)); }

TEST(RecurrentGemmaConfig, HasTheDefaultsOfTransformers) {
  RecurrentGemmaConfig config = read("{}");
  EXPECT_EQ(config.vocabulary, 256000);
  EXPECT_EQ(config.hidden, 2560);
  // Half of what the field says.
  EXPECT_THAT(config.intermediates, AllOf(SizeIs(26), Each(3840)));
  EXPECT_EQ(config.heads, 10);
  EXPECT_EQ(config.slidingHeads, (HeadFacts{10, 256}));
  EXPECT_EQ(config.window, 2048);
  EXPECT_EQ(config.slidingRope.base, 1e4);
  EXPECT_EQ(config.rotaryWidth, 128);
  EXPECT_EQ(config.attentionScale, 1.0 / 16);
  EXPECT_EQ(config.finalLogitSoftcap, 30.0);
  EXPECT_EQ(config.recurrentWidth, 2560);
  EXPECT_EQ(config.taps, 4);
  EXPECT_EQ(config.blockTypes[1], BlockType::Recurrent);
  EXPECT_EQ(config.blockTypes[2], BlockType::Attention);
  EXPECT_EQ(config.blockTypes[25], BlockType::Recurrent);
}

TEST(RecurrentGemmaConfig, RepeatsTheListOfBlocks) {
  constexpr BlockType recurrent = BlockType::Recurrent,
                      attention = BlockType::Attention;
  EXPECT_THAT(
      read(R"({"num_hidden_layers":5,)"
           R"("block_types":["attention","recurrent"]})")
          .blockTypes,
      ElementsAre(attention, recurrent, attention, recurrent, attention));
  EXPECT_THAT(read(R"({"num_hidden_layers":1})").blockTypes,
              ElementsAre(recurrent));
}

TEST(RecurrentGemmaConfig, RefusesOtherBlocks) {
  EXPECT_THAT(fail(R"({"block_types":["mamba"]})"),
              HasSubstr("field 'block_types' must list 'recurrent' or "
                        "'attention', but one entry is 'mamba'"));
  EXPECT_THAT(fail(R"({"block_types":[]})"),
              HasSubstr("field 'block_types' must be a list with at least one "
                        "entry, but it is"));
}

TEST(RecurrentGemmaConfig, ReadsWhichColumnsRotate) {
  EXPECT_EQ(read(R"({"partial_rotary_factor":0.25})").rotaryWidth, 64);
  EXPECT_EQ(read(R"({"rope_parameters":{"rope_type":"default",)"
                 R"("rope_theta":500.0,"partial_rotary_factor":1.0}})")
                .rotaryWidth,
            256);
  EXPECT_THAT(fail(R"({"partial_rotary_factor":1.5})"),
              HasSubstr("field 'partial_rotary_factor' must let an even number "
                        "of the 256 columns of a head rotate, but it is 1.5"));
  EXPECT_THAT(fail(R"({"hidden_size":60,"partial_rotary_factor":0.5})"),
              HasSubstr("of the 6 columns of a head"));
}

TEST(RecurrentGemmaConfig, ReadsTheRecurrence) {
  RecurrentGemmaConfig config =
      read(R"({"lru_width":100,"conv1d_width":2,"num_key_value_heads":1,)"
           R"("attention_window_size":7,"logits_soft_cap":9.0})");
  EXPECT_EQ(config.recurrentWidth, 100);
  EXPECT_EQ(config.taps, 2);
  EXPECT_EQ(config.slidingHeads, (HeadFacts{1, 256}));
  EXPECT_EQ(config.window, 7);
  EXPECT_EQ(config.finalLogitSoftcap, 9.0);
}

TEST(RecurrentGemmaConfig, RefusesSizesThatDoNotFit) {
  EXPECT_THAT(fail(R"({"lru_width":101})"),
              HasSubstr("field 'lru_width' must be a multiple of the 10 of "
                        "'num_attention_heads', but it is 101"));
  EXPECT_THAT(fail(R"({"conv1d_width":1})"),
              HasSubstr("field 'conv1d_width' must be an integer from 2 to 64, "
                        "but it is 1"));
  EXPECT_THAT(fail(R"({"attention_bias":true})"),
              HasSubstr("field 'attention_bias' must be false"));
}

} // namespace
