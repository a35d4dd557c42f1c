//===- embed_test.cpp -------------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/embed.h"
#include "runtime/error.h"
#include "toy_model.h"

#include <gmock/gmock.h>
#include <random>

using namespace lapidary;
using namespace lapidary::test;
using testing::HasSubstr;
using Tokens = std::vector<int32_t>;

namespace {
class Embed : public testing::Test {
protected:
  std::vector<float> embed(const std::vector<Tokens> &texts) {
    std::vector<float> embeddings(texts.size() * toy_width);
    std::vector<std::span<const int32_t>> spans(texts.begin(), texts.end());
    lapidary::embed(model_, spans, embeddings.data());
    return embeddings;
  }

  /// The text of the tokens that `text` has behind a prompt.
  std::string tokenize(const char *prompt, const char *text) {
    Tokens tokens = tokenize_for_embedding(model_, prompt, text);
    return model_.tokenizer().decode(tokens, /*show_control=*/true);
  }

  Model model_{write_toy(toy_embedding_artifact()), 2, false, ""};
};
} // namespace

TEST_F(Embed, GivesEveryTextItsOwn) {
  std::minstd_rand random(3);
  for (size_t count : {0, 1, 2, 7, 60}) {
    std::vector<Tokens> texts;
    std::vector<float> expected;
    for (size_t i = 0; i < count; i++) {
      texts.push_back(toy_tokens(1 + random() % toy_max_rows, random()));
      std::vector<float> row = toy_embedding(texts.back());
      expected.insert(expected.end(), row.begin(), row.end());
    }
    EXPECT_EQ(embed(texts), expected) << count;
  }
}

/// How often the programs of a model ran since profiling began.
static size_t count_runs(Model &model) {
  size_t runs = 0;
  for (size_t i = 0; i < model.artifact().root().programs()->size(); i++)
    runs += model.profile(i, 0).runs;
  return runs;
}

TEST_F(Embed, FillsRunsWithWholeTexts) {
  auto runs = [&](const std::vector<size_t> &lengths) {
    std::vector<Tokens> texts;
    texts.reserve(lengths.size());
    for (size_t length : lengths)
      texts.push_back(toy_tokens(length));
    model_.set_profiling(true);
    embed(texts);
    return count_runs(model_);
  };
  EXPECT_EQ(runs({16}), 1u);
  EXPECT_EQ(runs({8, 8}), 1u);
  EXPECT_EQ(runs({7, 7}), 1u);
  EXPECT_EQ(runs({8, 9}), 2u);
  EXPECT_EQ(runs({9, 8, 8}), 2u);
}

TEST_F(Embed, NeedsNoMorePagesForManyTextsThanForALongOne) {
  embed({toy_tokens(toy_max_rows)});
  uint64_t bytes = model_.memory().kv;
  EXPECT_GT(bytes, 0u);
  embed(std::vector<Tokens>(50, toy_tokens(1)));
  EXPECT_EQ(model_.memory().kv, bytes);
}

TEST_F(Embed, RefusesTextsThatAreTooLong) {
  try {
    embed({toy_tokens(3), toy_tokens(17)});
    FAIL();
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), LAPIDARY_CONTEXT_FULL);
    EXPECT_STREQ(error.what(),
                 "text 1 has 17 tokens, but the context holds 16; 'lapidary "
                 "compile --context N' allows more");
  }
}

TEST_F(Embed, PutsThePromptBeforeTheText) {
  EXPECT_EQ(tokenize("title", "gem"), "<bos>t:gem<eos>");
  EXPECT_EQ(tokenize(nullptr, "gem"), "<bos>q:gem<eos>");
  EXPECT_EQ(tokenize("", "gem"), "<bos>gem<eos>");
  EXPECT_EQ(tokenize("", ""), "<bos><eos>");
  EXPECT_EQ(tokenize_for_embedding(model_, "", "<eos>").size(), 7u);
}

static std::string failure(ArtifactBuilder builder, const char *prompt) {
  Model model(write_toy(std::move(builder)), 1, false, "");
  try {
    tokenize_for_embedding(model, prompt, "gem");
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), LAPIDARY_NOT_IN_ARTIFACT);
    return error.what();
  }
  return "no failure";
}

TEST_F(Embed, ListsThePromptsThatThereAre) {
  EXPECT_THAT(
      failure(toy_embedding_artifact(), "document"),
      HasSubstr("has no embedding prompt 'document'; it has 'query', 'title'"));
  ArtifactBuilder builder = toy_embedding_artifact();
  builder.root.model->prompts.clear();
  builder.root.model->default_prompt.clear();
  EXPECT_EQ(failure(builder, nullptr), "no failure");
  EXPECT_THAT(failure(builder, "query"), HasSubstr("it has none"));
}
