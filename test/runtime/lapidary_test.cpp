//===- lapidary_test.cpp ----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/include/lapidary.h"
#include "toy_model.h"

#include <algorithm>
#include <cstdlib>
#include <gmock/gmock.h>
#include <set>
#include <thread>

using namespace lapidary::test;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using Tokens = std::vector<int32_t>;

namespace {
/// A toy model and a session, opened through the C API.
class Api : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(lapidary_model_open(path_.c_str(), nullptr, &model_), LAPIDARY_OK)
        << lapidary_last_error();
    ASSERT_EQ(lapidary_session_create(model_, &session_), LAPIDARY_OK);
  }
  void TearDown() override {
    lapidary_session_destroy(session_);
    lapidary_model_close(model_);
  }

  const std::string path_ = write_toy();
  lapidary_model *model_ = nullptr;
  lapidary_session *session_ = nullptr;
};
} // namespace

TEST(Status, MapsToExitCodes) {
  EXPECT_EQ(lapidary_status_exit_code(LAPIDARY_OK), 0);
  EXPECT_EQ(lapidary_status_exit_code(LAPIDARY_INVALID_ARGUMENT), 1);
  EXPECT_EQ(lapidary_status_exit_code(LAPIDARY_PAST_LOST), 1);
  EXPECT_EQ(lapidary_status_exit_code(LAPIDARY_UNSUPPORTED_MACHINE), 3);
  EXPECT_EQ(lapidary_status_exit_code(LAPIDARY_OUT_OF_MEMORY), 3);
  EXPECT_EQ(lapidary_status_exit_code(LAPIDARY_INTERNAL_ERROR), 70);
}

TEST(Open, SaysWhatFailed) {
  lapidary_model *model = nullptr;
  EXPECT_EQ(lapidary_model_open("/missing.lap", nullptr, &model),
            LAPIDARY_FILE_ERROR);
  EXPECT_STREQ(lapidary_last_error(),
               "/missing.lap: cannot open: No such file or directory");
  EXPECT_EQ(model, nullptr);
  EXPECT_EQ(lapidary_model_open(nullptr, nullptr, &model),
            LAPIDARY_INVALID_ARGUMENT);
  EXPECT_STREQ(lapidary_last_error(), "argument 'path' is NULL");
}

TEST(Open, HeedsTheEnvironment) {
  std::string path = write_toy();
  lapidary_model *model = nullptr;
  setenv("LAPIDARY_CPU", "fancy", 1);
  EXPECT_EQ(lapidary_model_open(path.c_str(), nullptr, &model),
            LAPIDARY_UNSUPPORTED_MACHINE);
  EXPECT_THAT(lapidary_last_error(), HasSubstr("asks for variant 'fancy'"));
  setenv("LAPIDARY_CPU", "plain", 1);
  EXPECT_EQ(lapidary_model_open(path.c_str(), nullptr, &model), LAPIDARY_OK);
  lapidary_model_close(model);
  unsetenv("LAPIDARY_CPU");
}

TEST(Open, ReadsWeightsAheadAndTellsHowFar) {
  ArtifactBuilder artifact = toy_artifact();
  artifact.root.weights.front()->row_bytes = 0;
  std::string path = write_toy(std::move(artifact));
  lapidary_open_options options = LAPIDARY_OPEN_OPTIONS_INIT;
  std::vector<double> told;
  options.warm = 1;
  options.warm_context = &told;
  options.on_warm = [](void *context, double done) {
    static_cast<std::vector<double> *>(context)->push_back(done);
  };
  lapidary_model *model = nullptr;
  ASSERT_EQ(lapidary_model_open(path.c_str(), &options, &model), LAPIDARY_OK);
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_EQ(told.back(), 1);
  lapidary_model_close(model);
  options.on_warm = nullptr;
  ASSERT_EQ(lapidary_model_open(path.c_str(), &options, &model), LAPIDARY_OK);
  lapidary_model_close(model);
}

TEST(Open, TakesThreads) {
  std::string path = write_toy();
  lapidary_open_options options = LAPIDARY_OPEN_OPTIONS_INIT;
  options.threads = 3;
  options.verify_weights = 1;
  lapidary_model *model = nullptr;
  ASSERT_EQ(lapidary_model_open(path.c_str(), &options, &model), LAPIDARY_OK);
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
  ASSERT_EQ(lapidary_model_get_info(model, &info), LAPIDARY_OK);
  EXPECT_EQ(info.threads, 3u);
  lapidary_model_close(model);
  options.threads = 5000;
  EXPECT_EQ(lapidary_model_open(path.c_str(), &options, &model),
            LAPIDARY_INVALID_ARGUMENT);
}

TEST_F(Api, DescribesTheModel) {
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
  ASSERT_EQ(lapidary_model_get_info(model_, &info), LAPIDARY_OK);
  EXPECT_STREQ(info.name, "toy");
  EXPECT_STREQ(info.architecture, "hash");
  EXPECT_STREQ(info.quantization, "f32");
  EXPECT_STREQ(info.producer, "a test");
  EXPECT_STREQ(info.variant, "plain");
  EXPECT_STREQ(info.chat_template, "gemma3");
  EXPECT_EQ(info.vocabulary, uint32_t(toy_vocabulary));
  EXPECT_EQ(info.context, toy_context);
  EXPECT_EQ(info.max_rows, toy_max_rows);
  EXPECT_EQ(info.bos, toy_bos);
  EXPECT_THAT(std::vector(info.eos, info.eos + info.eos_count),
              ElementsAre(1, toy_end_of_turn));
  EXPECT_TRUE(info.has_tokenizer);
}

TEST_F(Api, FillsNoMoreThanTheCallerKnows) {
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
  info.struct_size = offsetof(lapidary_model_info, architecture);
  ASSERT_EQ(lapidary_model_get_info(model_, &info), LAPIDARY_OK);
  EXPECT_STREQ(info.name, "toy");
  EXPECT_EQ(info.architecture, nullptr);
  info.struct_size = 0;
  EXPECT_EQ(lapidary_model_get_info(model_, &info), LAPIDARY_INVALID_ARGUMENT);
  EXPECT_STREQ(lapidary_last_error(),
               "'info->struct_size' is 0; set it to the size of the struct");
}

TEST_F(Api, StepsSessions) {
  Tokens tokens = toy_tokens(30);
  std::vector<float> logits(toy_vocabulary);
  ASSERT_EQ(lapidary_session_step(session_, tokens.data(), tokens.size(),
                                  LAPIDARY_LOGITS_LAST, logits.data()),
            LAPIDARY_OK);
  EXPECT_EQ(logits, toy_logits(tokens));
  EXPECT_EQ(lapidary_session_position(session_), 30u);
  EXPECT_THAT(std::vector(lapidary_session_tokens(session_),
                          lapidary_session_tokens(session_) + 30),
              ElementsAreArray(tokens));
  EXPECT_GT(lapidary_session_memory(session_), 0u);
  ASSERT_EQ(lapidary_session_truncate(session_, 25), LAPIDARY_OK);
  EXPECT_EQ(lapidary_session_position(session_), 25u);
  size_t kept = 0;
  ASSERT_EQ(lapidary_session_keep_prefix(session_, tokens.data(), 24, &kept),
            LAPIDARY_OK);
  EXPECT_EQ(kept, 23u);
  lapidary_session_reset(session_);
  EXPECT_EQ(lapidary_session_position(session_), 0u);
}

TEST_F(Api, RefusesStepsThatMakeNoSense) {
  int32_t token = 5;
  float logits[toy_vocabulary];
  auto step = [&](std::vector<lapidary_step_entry> entries) {
    EXPECT_EQ(lapidary_step(model_, entries.data(), entries.size()),
              LAPIDARY_INVALID_ARGUMENT);
    return std::string(lapidary_last_error());
  };
  lapidary_step_entry good{session_, &token,  1,      LAPIDARY_LOGITS_LAST,
                           logits,   nullptr, nullptr};
  EXPECT_EQ(step({good, good}), "entry 1 has the session of an earlier one");
  lapidary_step_entry bad = good;
  bad.session = nullptr;
  EXPECT_EQ(step({bad}), "entry 0 has no session");
  bad = good;
  bad.token_count = 0;
  EXPECT_EQ(step({bad}), "entry 0 has no tokens");
  bad = good;
  bad.logits = nullptr;
  EXPECT_EQ(step({bad}), "entry 0 asks for logits but has no place for them");
  bad = good;
  bad.logits_mode = lapidary_logits(3);
  EXPECT_EQ(step({bad}), "entry 0 has the unknown logits mode 3");
  EXPECT_EQ(lapidary_step(model_, nullptr, 0), LAPIDARY_OK);
  EXPECT_EQ(lapidary_session_position(session_), 0u);
}

TEST(BestApi, ChoosesWhatLogitsWould) {
  lapidary_model *model = nullptr;
  std::string path = write_toy(toy_best_artifact());
  ASSERT_EQ(lapidary_model_open(path.c_str(), nullptr, &model), LAPIDARY_OK);
  lapidary_session *session = nullptr, *other = nullptr;
  ASSERT_EQ(lapidary_session_create(model, &session), LAPIDARY_OK);
  ASSERT_EQ(lapidary_session_create(model, &other), LAPIDARY_OK);
  lapidary_sampling samplings[4] = {
      LAPIDARY_SAMPLING_INIT, LAPIDARY_SAMPLING_INIT, LAPIDARY_SAMPLING_INIT,
      LAPIDARY_SAMPLING_INIT};
  samplings[1].temperature = samplings[2].temperature = 1e6;
  samplings[1].top_k = 5;
  samplings[2].top_p = 0.5;
  samplings[3].repetition_penalty = 1.5;
  for (const lapidary_sampling &sampling : samplings) {
    lapidary_session_reset(session);
    lapidary_session_reset(other);
    lapidary_session_set_sampling(session, &sampling);
    lapidary_session_set_sampling(other, &sampling);
    int32_t token = 5, chosen = 0, both = 0;
    std::vector<float> logits(toy_vocabulary);
    for (int i = 0; i < 20; i++) {
      ASSERT_EQ(lapidary_session_next(session, &token, 1, &chosen),
                LAPIDARY_OK);
      lapidary_step_entry entry{
          other,         &token,  1,    LAPIDARY_LOGITS_LAST,
          logits.data(), nullptr, &both};
      ASSERT_EQ(lapidary_step(model, &entry, 1), LAPIDARY_OK);
      ASSERT_EQ(chosen, both) << i;
      token = chosen;
    }
  }
  int32_t token = 5;
  EXPECT_EQ(lapidary_session_next(session, nullptr, 0, &token),
            LAPIDARY_INVALID_ARGUMENT);
  lapidary_session_destroy(session);
  lapidary_session_destroy(other);
  lapidary_model_close(model);
}

TEST(BestApi, ChoosesWhatIsAllowed) {
  lapidary_model *model = nullptr;
  std::string path = write_toy(toy_best_artifact());
  ASSERT_EQ(lapidary_model_open(path.c_str(), nullptr, &model), LAPIDARY_OK);
  lapidary_session *session = nullptr;
  ASSERT_EQ(lapidary_session_create(model, &session), LAPIDARY_OK);
  std::vector<uint32_t> mask((toy_vocabulary + 31) / 32);
  mask[5] = 1u << 31 | 1u << 3;
  mask.back() = ~0u;
  ASSERT_EQ(lapidary_session_set_allowed(session, mask.data(), mask.size()),
            LAPIDARY_OK);
  std::set<int32_t> chosen;
  lapidary_sampling sampling = LAPIDARY_SAMPLING_INIT;
  for (float temperature : {0.0f, 1e6f})
    for (uint32_t top_k : {0, 40}) {
      sampling.temperature = temperature;
      sampling.top_k = top_k;
      lapidary_session_set_sampling(session, &sampling);
      lapidary_session_reset(session);
      int32_t token = 5;
      for (int i = 0; i < 100; i++) {
        ASSERT_EQ(lapidary_session_next(session, &token, 1, &token),
                  LAPIDARY_OK);
        chosen.insert(token);
      }
    }
  EXPECT_THAT(chosen,
              ElementsAre(163, 191, 256, 257, 258, 259, 260, 261, 262, 263));
  std::vector<float> logits(toy_vocabulary);
  logits[7] = 1;
  int32_t token = 0;
  sampling.temperature = 0;
  lapidary_session_set_sampling(session, &sampling);
  ASSERT_EQ(lapidary_session_sample(session, logits.data(), &token),
            LAPIDARY_OK);
  EXPECT_EQ(token, 163);
  ASSERT_EQ(lapidary_session_set_allowed(session, nullptr, 0), LAPIDARY_OK);
  ASSERT_EQ(lapidary_session_sample(session, logits.data(), &token),
            LAPIDARY_OK);
  EXPECT_EQ(token, 7);
  lapidary_session_destroy(session);
  lapidary_model_close(model);
}

TEST_F(Api, RefusesMasksThatDoNotFit) {
  std::vector<uint32_t> mask((toy_vocabulary + 31) / 32);
  auto allow = [&](size_t words) {
    EXPECT_EQ(lapidary_session_set_allowed(session_, mask.data(), words),
              LAPIDARY_INVALID_ARGUMENT);
    return std::string(lapidary_last_error());
  };
  EXPECT_EQ(allow(mask.size() - 1),
            "the mask has 8 words of 32 bits; expected 9");
  // Behind the last token.
  mask.back() = ~0u << 8;
  EXPECT_EQ(allow(mask.size()), "the mask allows none of the 264 tokens");
}

TEST_F(Api, RefusesSessionsOfOtherModels) {
  lapidary_model *other = nullptr;
  ASSERT_EQ(lapidary_model_open(path_.c_str(), nullptr, &other), LAPIDARY_OK);
  int32_t token = 5;
  lapidary_step_entry entry{session_, &token,  1,      LAPIDARY_LOGITS_NONE,
                            nullptr,  nullptr, nullptr};
  EXPECT_EQ(lapidary_step(other, &entry, 1), LAPIDARY_INVALID_ARGUMENT);
  lapidary_model_close(other);
}

TEST_F(Api, StepsFromSeveralThreads) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::vector<int> right(4);
  for (int i = 0; i < 4; i++)
    threads.emplace_back([&, i] {
      lapidary_session *session = nullptr;
      lapidary_session_create(model_, &session);
      Tokens tokens = toy_tokens(40, i + 1);
      std::vector<float> logits(toy_vocabulary);
      for (int32_t token : tokens)
        lapidary_session_step(session, &token, 1, LAPIDARY_LOGITS_LAST,
                              logits.data());
      right[i] = logits == toy_logits(tokens);
      lapidary_session_destroy(session);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_THAT(right, ElementsAre(1, 1, 1, 1));
}

TEST_F(Api, ForksSessions) {
  Tokens tokens = toy_tokens(30);
  lapidary_session_step(session_, tokens.data(), 30, LAPIDARY_LOGITS_NONE,
                        nullptr);
  lapidary_session *fork = nullptr;
  ASSERT_EQ(lapidary_session_fork(session_, &fork), LAPIDARY_OK);
  tokens.push_back(8);
  std::vector<float> logits(toy_vocabulary);
  ASSERT_EQ(lapidary_session_step(fork, &tokens.back(), 1, LAPIDARY_LOGITS_LAST,
                                  logits.data()),
            LAPIDARY_OK);
  EXPECT_EQ(logits, toy_logits(tokens));
  EXPECT_EQ(lapidary_session_position(session_), 30u);
  lapidary_session_destroy(fork);
}

TEST_F(Api, Samples) {
  lapidary_sampling sampling = LAPIDARY_SAMPLING_INIT;
  ASSERT_EQ(lapidary_model_default_sampling(model_, &sampling), LAPIDARY_OK);
  EXPECT_EQ(sampling.temperature, 0);
  EXPECT_EQ(sampling.top_p, 1);
  std::vector<float> logits(toy_vocabulary, 0.0f);
  logits[7] = 1;
  int32_t token = -1;
  ASSERT_EQ(lapidary_session_sample(session_, logits.data(), &token),
            LAPIDARY_OK);
  EXPECT_EQ(token, 7);
  sampling.temperature = -1;
  EXPECT_EQ(lapidary_session_set_sampling(session_, &sampling),
            LAPIDARY_INVALID_ARGUMENT);
}

TEST_F(Api, TurnsTextToTokensAndBack) {
  size_t count = 0;
  Tokens tokens(10);
  ASSERT_EQ(lapidary_tokenize(model_, "a<bos>", 6, LAPIDARY_TOKENIZE_SPECIAL,
                              tokens.data(), 10, &count),
            LAPIDARY_OK);
  tokens.resize(count);
  EXPECT_THAT(tokens, ElementsAre(toy_first_byte + 'a', toy_bos));
  ASSERT_EQ(lapidary_tokenize(model_, "a<bos>", 6, LAPIDARY_TOKENIZE_TEXT,
                              nullptr, 0, &count),
            LAPIDARY_OK);
  EXPECT_EQ(count, 6u);

  char text[10];
  size_t size = 0;
  ASSERT_EQ(lapidary_detokenize(model_, tokens.data(), 2,
                                LAPIDARY_TOKENIZE_TEXT, text, 10, &size),
            LAPIDARY_OK);
  EXPECT_EQ(std::string(text, size), "a");
  ASSERT_EQ(lapidary_detokenize(model_, tokens.data(), 2,
                                LAPIDARY_TOKENIZE_SPECIAL, text, 10, &size),
            LAPIDARY_OK);
  EXPECT_EQ(std::string(text, size), "a<bos>");
}

TEST_F(Api, SaysHowLargeABufferMustBe) {
  int32_t tokens[2];
  size_t count = 0;
  EXPECT_EQ(lapidary_tokenize(model_, "abc", 3, LAPIDARY_TOKENIZE_TEXT, tokens,
                              2, &count),
            LAPIDARY_BUFFER_TOO_SMALL);
  EXPECT_EQ(count, 3u);
  EXPECT_STREQ(lapidary_last_error(),
               "the buffer has room for 2, but 3 are needed");
}

TEST_F(Api, StreamsText) {
  const char *text = nullptr;
  size_t size = 0;
  ASSERT_EQ(
      lapidary_session_decode(session_, toy_first_byte + 'x', &text, &size),
      LAPIDARY_OK);
  EXPECT_EQ(std::string(text, size), "x");
  lapidary_session_decode(session_, toy_first_byte + 0xE2, &text, &size);
  EXPECT_EQ(size, 0u);
  ASSERT_EQ(lapidary_session_decode_end(session_, &text, &size), LAPIDARY_OK);
  EXPECT_EQ(std::string(text, size), "\xEF\xBF\xBD");
}

TEST_F(Api, RendersChats) {
  lapidary_message messages[] = {{"user", "Hi", 2}};
  Tokens tokens(100);
  size_t count = 0;
  ASSERT_EQ(
      lapidary_render_chat(model_, messages, 1, 1, tokens.data(), 100, &count),
      LAPIDARY_OK)
      << lapidary_last_error();
  char text[200];
  size_t size = 0;
  lapidary_detokenize(model_, tokens.data(), count, LAPIDARY_TOKENIZE_SPECIAL,
                      text, 200, &size);
  EXPECT_EQ(std::string(text, size),
            "<bos><start_of_turn>user\nHi<end_of_turn>\n"
            "<start_of_turn>model\n");
  messages[0].role = "pope";
  EXPECT_EQ(lapidary_render_chat(model_, messages, 1, 1, nullptr, 0, &count),
            LAPIDARY_INVALID_ARGUMENT);
  EXPECT_THAT(lapidary_last_error(), HasSubstr("roles"));
}

TEST_F(Api, Generates) {
  Tokens prompt = toy_tokens(10), answer;
  lapidary_generate_options options = LAPIDARY_GENERATE_OPTIONS_INIT;
  options.max_tokens = 5;
  options.ignore_eos = 1;
  options.user = &answer;
  options.on_token = [](void *user, int32_t token, const char *, size_t) {
    if (token >= 0)
      static_cast<Tokens *>(user)->push_back(token);
    return 0;
  };
  lapidary_generation result = LAPIDARY_GENERATION_INIT;
  ASSERT_EQ(lapidary_generate(session_, prompt.data(), prompt.size(), &options,
                              &result),
            LAPIDARY_OK);
  Tokens expected = toy_continuation(prompt, 5);
  EXPECT_THAT(answer, ElementsAreArray(expected.begin() + 10, expected.end()));
  EXPECT_STREQ(lapidary_stop_reason_name(result.stop_reason), "length");
  EXPECT_EQ(lapidary_generate(session_, nullptr, 0, nullptr, nullptr),
            LAPIDARY_INVALID_ARGUMENT);
}

namespace {
/// A model that makes embeddings, opened through the C API.
class EmbeddingApi : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(lapidary_model_open(path_.c_str(), nullptr, &model_), LAPIDARY_OK)
        << lapidary_last_error();
  }
  void TearDown() override { lapidary_model_close(model_); }

  const std::string path_ = write_toy(toy_embedding_artifact());
  lapidary_model *model_ = nullptr;
};
} // namespace

TEST_F(EmbeddingApi, SaysWhatTheModelIs) {
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
  ASSERT_EQ(lapidary_model_get_info(model_, &info), LAPIDARY_OK);
  EXPECT_EQ(info.kind, LAPIDARY_MODEL_EMBEDDING);
  EXPECT_EQ(info.embedding_width, toy_width);
}

TEST_F(EmbeddingApi, Embeds) {
  Tokens tokens(16);
  size_t count = 0;
  ASSERT_EQ(lapidary_tokenize_for_embedding(model_, "title", "gem", 3,
                                            tokens.data(), 16, &count),
            LAPIDARY_OK);
  tokens.resize(count);
  EXPECT_EQ(count, 7u);
  Tokens other = toy_tokens(3);
  lapidary_embed_entry entries[] = {{tokens.data(), tokens.size()},
                                    {other.data(), other.size()}};
  std::vector<float> embeddings(2 * toy_width);
  ASSERT_EQ(lapidary_embed(model_, entries, 2, embeddings.data()), LAPIDARY_OK);
  std::vector<float> expected = toy_embedding(tokens);
  std::vector<float> second = toy_embedding(other);
  expected.insert(expected.end(), second.begin(), second.end());
  EXPECT_EQ(embeddings, expected);
  EXPECT_EQ(lapidary_embed(model_, nullptr, 0, nullptr), LAPIDARY_OK);
}

TEST_F(EmbeddingApi, RefusesWhatMakesNoSense) {
  lapidary_session *session = nullptr;
  EXPECT_EQ(lapidary_session_create(model_, &session),
            LAPIDARY_INVALID_ARGUMENT);
  EXPECT_STREQ(lapidary_last_error(),
               "'toy' makes embeddings and has no sessions");
  float embedding[toy_width];
  int32_t token = toy_vocabulary;
  lapidary_embed_entry entry{&token, 0};
  EXPECT_EQ(lapidary_embed(model_, &entry, 1, embedding),
            LAPIDARY_INVALID_ARGUMENT);
  EXPECT_STREQ(lapidary_last_error(), "entry 0 has no tokens");
  entry.token_count = 1;
  EXPECT_EQ(lapidary_embed(model_, &entry, 1, embedding),
            LAPIDARY_INVALID_ARGUMENT);
  EXPECT_STREQ(lapidary_last_error(),
               "token 0 is 264, but the vocabulary has 264 tokens");
}

TEST_F(Api, MakesNoEmbeddings) {
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
  ASSERT_EQ(lapidary_model_get_info(model_, &info), LAPIDARY_OK);
  EXPECT_EQ(info.kind, LAPIDARY_MODEL_TEXT);
  EXPECT_EQ(info.embedding_width, 0u);
  size_t count = 0;
  EXPECT_EQ(lapidary_embed(model_, nullptr, 0, nullptr),
            LAPIDARY_INVALID_ARGUMENT);
  EXPECT_STREQ(lapidary_last_error(),
               "'toy' continues texts and makes no embeddings");
  EXPECT_EQ(lapidary_tokenize_for_embedding(model_, nullptr, "a", 1, nullptr, 0,
                                            &count),
            LAPIDARY_INVALID_ARGUMENT);
}

TEST(DraftApi, DraftsAfterStates) {
  std::string path = write_toy(toy_draft_artifact());
  lapidary_model *model = nullptr;
  ASSERT_EQ(lapidary_model_open(path.c_str(), nullptr, &model), LAPIDARY_OK);
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
  ASSERT_EQ(lapidary_model_get_info(model, &info), LAPIDARY_OK);
  EXPECT_TRUE(info.has_draft);
  EXPECT_FALSE(info.has_encoder);
  EXPECT_EQ(info.state_width, toy_width);
  lapidary_session *session = nullptr;
  ASSERT_EQ(lapidary_session_create(model, &session), LAPIDARY_OK);
  Tokens tokens = toy_tokens(30);
  std::vector<float> logits(toy_vocabulary), states(toy_width);
  lapidary_step_entry step{
      session,       tokens.data(), tokens.size(), LAPIDARY_LOGITS_LAST,
      logits.data(), states.data(), nullptr};
  ASSERT_EQ(lapidary_step(model, &step, 1), LAPIDARY_OK);
  EXPECT_EQ(states, toy_states(tokens));
  lapidary_draft_entry draft{session, 7, states.data(), logits.data(),
                             states.data()};
  ToyDraft expected = toy_draft(tokens, 7, states);
  ASSERT_EQ(lapidary_draft(model, &draft, 1), LAPIDARY_OK);
  EXPECT_EQ(logits, expected.logits);
  EXPECT_EQ(states, expected.states);
  draft.states = nullptr;
  EXPECT_EQ(lapidary_draft(model, &draft, 1), LAPIDARY_INVALID_ARGUMENT);
  draft.states = states.data();
  lapidary_draft_entry twice[] = {draft, draft};
  EXPECT_EQ(lapidary_draft(model, twice, 2), LAPIDARY_INVALID_ARGUMENT);
  EXPECT_STREQ(lapidary_last_error(),
               "entry 1 has the session of an earlier one");
  lapidary_session_destroy(session);
  lapidary_model_close(model);
}

TEST(NestedApi, ChoosesAtLoadOrPerSession) {
  std::string path = write_toy(toy_nested_artifact());
  lapidary_open_options options = LAPIDARY_OPEN_OPTIONS_INIT;
  options.nested = "tiny";
  lapidary_model *model = nullptr;
  EXPECT_EQ(lapidary_model_open(path.c_str(), &options, &model),
            LAPIDARY_NOT_IN_ARTIFACT);
  EXPECT_THAT(lapidary_last_error(),
              HasSubstr("has no nested model 'tiny'; it has 'small'"));
  options.nested = "small";
  ASSERT_EQ(lapidary_model_open(path.c_str(), &options, &model), LAPIDARY_OK);
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
  ASSERT_EQ(lapidary_model_get_info(model, &info), LAPIDARY_OK);
  ASSERT_EQ(info.nested_count, 1u);
  EXPECT_STREQ(info.nested[0], "small");
  lapidary_session *small = nullptr, *whole = nullptr, *none = nullptr;
  ASSERT_EQ(lapidary_session_create(model, &small), LAPIDARY_OK);
  ASSERT_EQ(lapidary_session_create_nested(model, nullptr, &whole),
            LAPIDARY_OK);
  EXPECT_EQ(lapidary_session_create_nested(model, "tiny", &none),
            LAPIDARY_NOT_IN_ARTIFACT);
  Tokens tokens = toy_tokens(20);
  std::vector<float> logits(toy_vocabulary);
  ASSERT_EQ(lapidary_session_step(small, tokens.data(), 20,
                                  LAPIDARY_LOGITS_LAST, logits.data()),
            LAPIDARY_OK);
  EXPECT_EQ(logits, toy_small_logits(tokens));
  ASSERT_EQ(lapidary_session_step(whole, tokens.data(), 20,
                                  LAPIDARY_LOGITS_LAST, logits.data()),
            LAPIDARY_OK);
  EXPECT_EQ(logits, toy_logits(tokens));
  lapidary_session_destroy(small);
  lapidary_session_destroy(whole);
  lapidary_model_close(model);
}

TEST_F(Api, DraftsNothing) {
  float states[toy_width] = {}, logits[toy_vocabulary];
  lapidary_draft_entry draft{session_, 7, states, logits, states};
  EXPECT_EQ(lapidary_draft(model_, &draft, 1), LAPIDARY_NOT_IN_ARTIFACT);
  EXPECT_THAT(lapidary_last_error(),
              HasSubstr("has no draft head; compile it with '--draft'"));
  int32_t token = 5;
  lapidary_step_entry step{session_, &token, 1,      LAPIDARY_LOGITS_LAST,
                           logits,   states, nullptr};
  EXPECT_EQ(lapidary_step(model_, &step, 1), LAPIDARY_INVALID_ARGUMENT);
  EXPECT_STREQ(lapidary_last_error(),
               "entry 0 asks for states, but the model gives none");
  EXPECT_EQ(lapidary_encode(session_, &token, 1, nullptr),
            LAPIDARY_INVALID_ARGUMENT);
  EXPECT_STREQ(lapidary_last_error(), "'toy' has no encoder; all that it reads "
                                      "are tokens of its text");
}

TEST(SourceApi, Encodes) {
  std::string path = write_toy(toy_source_artifact());
  lapidary_model *model = nullptr;
  ASSERT_EQ(lapidary_model_open(path.c_str(), nullptr, &model), LAPIDARY_OK);
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
  ASSERT_EQ(lapidary_model_get_info(model, &info), LAPIDARY_OK);
  EXPECT_TRUE(info.has_encoder);
  EXPECT_EQ(info.source_state_width, toy_width);
  lapidary_session *session = nullptr;
  ASSERT_EQ(lapidary_session_create(model, &session), LAPIDARY_OK);
  Tokens source = toy_tokens(9), text = toy_tokens(3, 2);
  std::vector<float> logits(toy_vocabulary), states(9 * toy_width);
  EXPECT_EQ(lapidary_session_step(session, text.data(), 3, LAPIDARY_LOGITS_LAST,
                                  logits.data()),
            LAPIDARY_INVALID_ARGUMENT);
  EXPECT_EQ(lapidary_encode(session, source.data(), 0, nullptr),
            LAPIDARY_INVALID_ARGUMENT);
  ASSERT_EQ(lapidary_encode(session, source.data(), 9, states.data()),
            LAPIDARY_OK);
  EXPECT_EQ(states, toy_source_states(source));
  ASSERT_EQ(lapidary_session_step(session, text.data(), 3, LAPIDARY_LOGITS_LAST,
                                  logits.data()),
            LAPIDARY_OK);
  EXPECT_EQ(logits, toy_answer(source, text));
  lapidary_session_reset(session);
  EXPECT_EQ(lapidary_session_step(session, text.data(), 3, LAPIDARY_LOGITS_LAST,
                                  logits.data()),
            LAPIDARY_INVALID_ARGUMENT);
  lapidary_session_destroy(session);
  lapidary_model_close(model);
}

TEST_F(Api, Profiles) {
  ASSERT_EQ(lapidary_model_profile_count(model_), 21u);
  lapidary_model_set_profiling(model_, 1);
  int32_t token = 5;
  std::vector<float> logits(toy_vocabulary);
  lapidary_session_step(session_, &token, 1, LAPIDARY_LOGITS_LAST,
                        logits.data());
  lapidary_profile_entry entry = LAPIDARY_PROFILE_ENTRY_INIT;
  ASSERT_EQ(lapidary_model_get_profile(model_, 6, &entry), LAPIDARY_OK);
  EXPECT_STREQ(entry.program, "one");
  EXPECT_STREQ(entry.label, "command 6");
  EXPECT_STREQ(entry.kernel, "logits");
  EXPECT_EQ(entry.runs, 1u);
  EXPECT_EQ(entry.weight_bytes, toy_vocabulary * 4u);
  EXPECT_EQ(entry.flops, 1u);
  ASSERT_EQ(lapidary_model_get_profile(model_, 7, &entry), LAPIDARY_OK);
  EXPECT_STREQ(entry.program, "few");
  EXPECT_EQ(entry.runs, 0u);
  EXPECT_EQ(lapidary_model_get_profile(model_, 21, &entry),
            LAPIDARY_INVALID_ARGUMENT);
}

TEST_F(Api, MeasuresLimits) {
  ASSERT_EQ(lapidary_model_limit_count(model_), 1u);
  lapidary_limit limit = LAPIDARY_LIMIT_INIT;
  ASSERT_EQ(lapidary_model_measure_limit(model_, 0, &limit), LAPIDARY_OK);
  EXPECT_STREQ(limit.name, "read");
  EXPECT_EQ(limit.bytes, toy_vocabulary * 4u);
  EXPECT_EQ(limit.flops, 0u);
  EXPECT_GT(limit.seconds, 0);
  EXPECT_EQ(lapidary_model_measure_limit(model_, 1, &limit),
            LAPIDARY_INVALID_ARGUMENT);
}

TEST_F(Api, CountsMemory) {
  lapidary_memory memory = LAPIDARY_MEMORY_INIT;
  ASSERT_EQ(lapidary_model_get_memory(model_, &memory), LAPIDARY_OK);
  EXPECT_EQ(memory.weights, toy_vocabulary * 4u);
}
