//===- generate_test.cpp ----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/error.h"
#include "runtime/generate.h"
#include "toy_model.h"

#include <algorithm>
#include <gmock/gmock.h>

using namespace lapidary;
using namespace lapidary::test;
using Tokens = std::vector<int32_t>;

namespace {
/// What the callback was told.
struct Answer {
  Tokens tokens;
  std::string text;
  size_t stop_after = ~size_t(0);

  static int receive(void *user, int32_t token, const char *text, size_t size) {
    auto *answer = static_cast<Answer *>(user);
    if (token >= 0)
      answer->tokens.push_back(token);
    answer->text.append(text, size);
    return answer->tokens.size() >= answer->stop_after;
  }
};

class Generating : public testing::Test {
protected:
  explicit Generating(ArtifactBuilder builder = toy_artifact())
      : model_(write_toy(std::move(builder)), 1, false, "") {
    options_.on_token = Answer::receive;
    options_.user = &answer_;
  }

  lapidary_generation run() { return generate(session_, prompt_, options_); }

  /// The first `count` tokens of the answer.
  Tokens expected(size_t count) const {
    Tokens all = toy_continuation(prompt_, count);
    return Tokens(all.begin() + prompt_.size(), all.end());
  }

  Model model_;
  Session session_{model_};
  Tokens prompt_ = toy_tokens(10);
  lapidary_generate_options options_ = LAPIDARY_GENERATE_OPTIONS_INIT;
  Answer answer_;
};

/// A toy whose sixth token ends the answer.
class GeneratingToEos : public Generating {
protected:
  GeneratingToEos() : Generating(with_eos()) {}

  static ArtifactBuilder with_eos() {
    ArtifactBuilder builder = toy_artifact();
    builder.root.model->eos = {toy_continuation(toy_tokens(10), 6).back()};
    return builder;
  }
};

/// A toy without tokenizer.
class GeneratingIds : public Generating {
protected:
  GeneratingIds() : Generating(without_tokenizer()) {}

  static ArtifactBuilder without_tokenizer() {
    ArtifactBuilder builder = toy_artifact();
    builder.root.sections.pop_back();
    builder.contents.pop_back();
    return builder;
  }
};
} // namespace

TEST_F(Generating, StopsAtMaxTokens) {
  options_.max_tokens = 5;
  lapidary_generation result = run();
  EXPECT_EQ(result.stop_reason, LAPIDARY_STOP_MAX_TOKENS);
  EXPECT_EQ(answer_.tokens, expected(5));
  EXPECT_EQ(answer_.text, model_.tokenizer().decode(expected(5)));
  EXPECT_EQ(result.prompt_tokens, 10u);
  EXPECT_EQ(result.generated_tokens, 5u);
  EXPECT_EQ(result.last_token, expected(5).back());
  EXPECT_EQ(session_.sequence().position(), 14u);
  EXPECT_GT(result.prompt_seconds, 0);
  EXPECT_GT(result.generate_seconds, 0);
}

TEST_F(Generating, GoesOnAfterItsLastToken) {
  options_.max_tokens = 4;
  Tokens both = expected(8);
  lapidary_generation result = run();
  prompt_ = {result.last_token};
  run();
  EXPECT_EQ(answer_.tokens, both);
}

TEST_F(Generating, StopsAtTheEndOfTheContext) {
  options_.ignore_eos = 1;
  lapidary_generation result = run();
  EXPECT_EQ(result.stop_reason, LAPIDARY_STOP_CONTEXT_FULL);
  // One more than the session holds, which nothing can follow.
  EXPECT_EQ(answer_.tokens, expected(toy_context - 10 + 1));
  EXPECT_EQ(session_.sequence().position(), toy_context);
}

TEST_F(Generating, StopsWhenTheCallbackSaysSo) {
  answer_.stop_after = 3;
  EXPECT_EQ(run().stop_reason, LAPIDARY_STOP_CALLBACK);
  EXPECT_EQ(answer_.tokens, expected(3));
}

TEST_F(GeneratingToEos, HidesTheEndToken) {
  lapidary_generation result = run();
  EXPECT_EQ(result.stop_reason, LAPIDARY_STOP_EOS);
  EXPECT_EQ(answer_.tokens, expected(5));
  EXPECT_EQ(result.generated_tokens, 6u);
  EXPECT_EQ(result.last_token, expected(6).back());
}

TEST_F(GeneratingToEos, GoesOnIfAsked) {
  options_.ignore_eos = 1;
  options_.max_tokens = 8;
  EXPECT_EQ(run().stop_reason, LAPIDARY_STOP_MAX_TOKENS);
  EXPECT_EQ(answer_.tokens, expected(8));
}

TEST_F(Generating, StopsAtAString) {
  Tokens tokens = expected(30);
  const text::Tokenizer &tokenizer = model_.tokenizer();
  std::string text = tokenizer.decode(tokens);
  std::string stop = text.substr(text.size() / 2, 4);
  const char *stops[] = {stop.c_str(), "never comes"};
  options_.stop_strings = stops;
  options_.stop_string_count = 2;
  options_.ignore_eos = 1;
  options_.max_tokens = 30;
  EXPECT_EQ(run().stop_reason, LAPIDARY_STOP_STRING);
  EXPECT_EQ(answer_.text, text.substr(0, text.find(stop)));
}

TEST_F(Generating, HandsOutHeldTextAtTheEnd) {
  Tokens tokens = expected(30);
  std::string text = model_.tokenizer().decode(tokens);
  std::string stop = text.substr(text.size() - 2) + "!";
  const char *stops[] = {stop.c_str()};
  options_.stop_strings = stops;
  options_.stop_string_count = 1;
  options_.ignore_eos = 1;
  options_.max_tokens = 30;
  EXPECT_EQ(run().stop_reason, LAPIDARY_STOP_MAX_TOKENS);
  EXPECT_EQ(answer_.text, text);
}

TEST_F(Generating, SamplesAsTheSessionSays) {
  lapidary_sampling sampling = LAPIDARY_SAMPLING_INIT;
  sampling.temperature = 1e7f;
  sampling.seed = 3;
  options_.max_tokens = 20;
  options_.ignore_eos = 1;
  session_.set_sampling(sampling);
  run();
  Tokens first = std::exchange(answer_.tokens, {});
  EXPECT_NE(first, expected(20));
  session_.reset();
  run();
  EXPECT_EQ(answer_.tokens, first);
}

TEST_F(GeneratingIds, HaveNoText) {
  options_.max_tokens = 5;
  run();
  EXPECT_EQ(answer_.tokens, expected(5));
  EXPECT_EQ(answer_.text, "");
}

TEST_F(GeneratingIds, CannotStopAtAString) {
  const char *stops[] = {"stop"};
  options_.stop_strings = stops;
  options_.stop_string_count = 1;
  EXPECT_THROW(run(), Error);
  EXPECT_EQ(session_.sequence().position(), 0u);
}

TEST(GeneratingAboutASource, BeginsATextOfItsOwn) {
  Model model(write_toy(toy_source_artifact()), 1, false, "");
  Session session(model);
  Tokens source = toy_tokens(10), text = {toy_bos};
  Answer answer;
  lapidary_generate_options options = LAPIDARY_GENERATE_OPTIONS_INIT;
  options.max_tokens = 4;
  options.on_token = Answer::receive;
  options.user = &answer;
  // The second time the first is forgotten.
  for (int i = 0; i < 2; i++) {
    answer.tokens.clear();
    EXPECT_EQ(session.keep_prefix(source), 0u);
    lapidary_generation result = generate(session, source, options);
    EXPECT_EQ(result.prompt_tokens, 10u);
    Tokens expected = {toy_bos};
    for (int token = 0; token < 4; token++) {
      std::vector<float> logits = toy_answer(source, expected);
      expected.push_back(std::max_element(logits.begin(), logits.end()) -
                         logits.begin());
    }
    EXPECT_EQ(answer.tokens, Tokens(expected.begin() + 1, expected.end()));
    EXPECT_EQ(session.sequence().tokens().front(), toy_bos);
  }
}
