//===- model_test.cpp -------------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/error.h"
#include "runtime/model.h"
#include "toy_model.h"

#include <gmock/gmock.h>

using namespace lapidary;
using namespace lapidary::test;
using testing::HasSubstr;

static std::string failure(ArtifactBuilder builder, lapidary_status status) {
  try {
    Model model(write_toy(std::move(builder)), 1, false, "");
    model.tokenizer();
    model.chat_template();
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), status);
    return error.what();
  }
  return "no failure";
}

TEST(Model, HasText) {
  Model model(write_toy(), 1, false, "");
  EXPECT_EQ(model.tokenizer().size(), size_t(toy_vocabulary));
  EXPECT_NO_THROW(model.chat_template());
}

TEST(Model, SaysWhatTheArtifactLacks) {
  ArtifactBuilder builder = toy_artifact();
  builder.root.model->chat_template.clear();
  EXPECT_THAT(failure(std::move(builder), LAPIDARY_NOT_IN_ARTIFACT),
              HasSubstr("has no chat template"));
  builder = toy_artifact();
  builder.root.sections.pop_back();
  builder.contents.pop_back();
  EXPECT_THAT(failure(std::move(builder), LAPIDARY_NOT_IN_ARTIFACT),
              HasSubstr("has no tokenizer"));
}

TEST(Model, RefusesTextThatMakesNoSense) {
  ArtifactBuilder builder = toy_artifact();
  builder.contents[2].resize(100);
  EXPECT_THAT(failure(std::move(builder), LAPIDARY_BAD_ARTIFACT),
              HasSubstr("tokenizer"));
  builder = toy_artifact();
  builder.root.model->chat_template = "gemma99";
  EXPECT_THAT(failure(std::move(builder), LAPIDARY_BAD_ARTIFACT),
              HasSubstr("gemma99"));
}

TEST(Model, CountsItsMemory) {
  Model model(write_toy(), 2, false, "");
  lapidary_memory memory = model.memory();
  EXPECT_EQ(memory.weights, toy_vocabulary * 4u);
  EXPECT_GT(memory.working, 640u);
  EXPECT_EQ(memory.kv, 0u);
  EXPECT_EQ(memory.kv_per_full_session, 25 * 64 + 7 * 32u);

  Sequence sequence = model.make_sequence();
  std::vector<int32_t> tokens = toy_tokens(toy_context);
  model.step(std::vector<StepEntry>{
      {&sequence, tokens, LAPIDARY_LOGITS_NONE, nullptr}});
  EXPECT_EQ(model.memory().kv, memory.kv_per_full_session);
  EXPECT_EQ(sequence.bytes(), memory.kv_per_full_session);
}
