//===- stepper_test.cpp -----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/error.h"
#include "runtime/model.h"
#include "runtime/stepper.h"
#include "toy_model.h"

#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <sys/resource.h>
#include <unistd.h>

using namespace lapidary;
using namespace lapidary::test;
using Tokens = std::vector<int32_t>;

namespace {
/// A toy model with as many threads as the parameter says.
class StepperThreads : public testing::TestWithParam<unsigned> {
protected:
  Model model_{write_toy(), GetParam(), false, ""};

  /// Appends tokens to one sequence and returns the logits.
  std::vector<float> step(Sequence &sequence, const Tokens &tokens,
                          lapidary_logits mode) {
    size_t rows = mode == LAPIDARY_LOGITS_ALL    ? tokens.size()
                  : mode == LAPIDARY_LOGITS_LAST ? 1
                                                 : 0;
    std::vector<float> logits(rows * toy_vocabulary);
    StepEntry entry{&sequence, tokens, mode, logits.data()};
    model_.step({&entry, 1});
    return logits;
  }

  std::string failure(std::vector<StepEntry> entries, lapidary_status status) {
    try {
      model_.step(entries);
    } catch (const Error &error) {
      EXPECT_EQ(error.status(), status);
      return error.what();
    }
    return "no failure";
  }
};
} // namespace

INSTANTIATE_TEST_SUITE_P(Threads, StepperThreads, testing::Values(1, 2, 5));

/// tokens[begin, end).
static Tokens part(const Tokens &tokens, size_t begin, size_t end) {
  return Tokens(tokens.begin() + begin, tokens.begin() + end);
}

TEST_P(StepperThreads, ComputesEveryPromptLength) {
  for (size_t count = 1; count <= toy_context; count += count < 40 ? 1 : 13) {
    Tokens tokens = toy_tokens(count);
    Sequence sequence = model_.make_sequence();
    EXPECT_EQ(step(sequence, tokens, LAPIDARY_LOGITS_ALL),
              all_toy_logits(tokens))
        << count;
    EXPECT_EQ(sequence.position(), count);
  }
}

TEST_P(StepperThreads, ComputesOneTokenAtATime) {
  Tokens tokens = toy_tokens(toy_context);
  Sequence sequence = model_.make_sequence();
  for (size_t i = 0; i < tokens.size(); i++)
    ASSERT_EQ(step(sequence, {tokens[i]}, LAPIDARY_LOGITS_LAST),
              toy_logits(part(tokens, 0, i + 1)))
        << i;
}

TEST_P(StepperThreads, CutsAnywhereGiveTheSame) {
  std::minstd_rand random(5);
  Tokens tokens = toy_tokens(toy_context);
  std::vector<float> expected = all_toy_logits(tokens);
  for (int repeat = 0; repeat < 30; repeat++) {
    Sequence sequence = model_.make_sequence();
    std::vector<float> found;
    for (size_t begin = 0; begin < tokens.size();) {
      size_t end = std::min(tokens.size(), begin + 1 + random() % 40);
      std::vector<float> more =
          step(sequence, part(tokens, begin, end), LAPIDARY_LOGITS_ALL);
      found.insert(found.end(), more.begin(), more.end());
      begin = end;
    }
    ASSERT_EQ(found, expected) << repeat;
  }
}

TEST_P(StepperThreads, SequencesDoNotSeeEachOther) {
  std::minstd_rand random(9);
  constexpr size_t count = 7;
  std::vector<Sequence> sequences(count, model_.make_sequence());
  std::vector<Tokens> held(count);
  for (int repeat = 0; repeat < 40; repeat++) {
    std::vector<StepEntry> entries;
    std::vector<Tokens> added(count);
    std::vector<std::vector<float>> logits(count), expected(count);
    for (size_t i = 0; i < count; i++) {
      added[i] = toy_tokens(1 + random() % (repeat % 4 ? 2 : 15), random());
      if (held[i].size() + added[i].size() > toy_context || random() % 4 == 0)
        continue;
      auto mode = lapidary_logits(random() % 3);
      held[i].insert(held[i].end(), added[i].begin(), added[i].end());
      if (mode == LAPIDARY_LOGITS_LAST)
        expected[i] = toy_logits(held[i]);
      if (mode == LAPIDARY_LOGITS_ALL) {
        expected[i] = all_toy_logits(held[i]);
        expected[i].erase(expected[i].begin(),
                          expected[i].end() - added[i].size() * toy_vocabulary);
      }
      logits[i].resize(expected[i].size());
      entries.push_back({&sequences[i], added[i], mode, logits[i].data()});
    }
    model_.step(entries);
    ASSERT_EQ(logits, expected) << repeat;
  }
}

TEST_P(StepperThreads, WritesOneBlockOfSeveralSequences) {
  // Destinations that follow each other need no copy, and give the same.
  Tokens tokens = toy_tokens(3);
  std::vector<Sequence> sequences(2, model_.make_sequence());
  std::vector<float> logits(2 * toy_vocabulary);
  model_.step(std::vector<StepEntry>{
      {&sequences[0], tokens, LAPIDARY_LOGITS_LAST, logits.data()},
      {&sequences[1], tokens, LAPIDARY_LOGITS_LAST,
       logits.data() + toy_vocabulary}});
  std::vector<float> expected = toy_logits(tokens);
  expected.insert(expected.end(), expected.begin(), expected.end());
  EXPECT_EQ(logits, expected);
}

TEST_P(StepperThreads, CopiesOfASequenceGoTheirOwnWay) {
  Tokens tokens = toy_tokens(50);
  Sequence first = model_.make_sequence();
  step(first, part(tokens, 0, 45), LAPIDARY_LOGITS_NONE);
  Sequence second = first;
  Tokens other = part(tokens, 0, 45);
  for (int32_t token : toy_tokens(60, 2)) {
    other.push_back(token);
    ASSERT_EQ(step(second, {token}, LAPIDARY_LOGITS_LAST), toy_logits(other));
  }
  EXPECT_EQ(step(first, part(tokens, 45, 50), LAPIDARY_LOGITS_LAST),
            toy_logits(tokens));
}

TEST_P(StepperThreads, TruncatedSequencesGoOn) {
  Tokens tokens = toy_tokens(80);
  Sequence sequence = model_.make_sequence();
  step(sequence, tokens, LAPIDARY_LOGITS_NONE);
  // The ring holds 28 positions, the window needs 7 of them.
  ASSERT_FALSE(sequence.can_truncate(40));
  ASSERT_TRUE(sequence.can_truncate(63));
  sequence.truncate(63);
  tokens.resize(63);
  for (int32_t token : toy_tokens(30, 4)) {
    tokens.push_back(token);
    ASSERT_EQ(step(sequence, {token}, LAPIDARY_LOGITS_LAST),
              toy_logits(tokens));
  }
  sequence.truncate(0);
  EXPECT_EQ(sequence.bytes(), 0u);
  EXPECT_EQ(step(sequence, toy_tokens(20), LAPIDARY_LOGITS_LAST),
            toy_logits(toy_tokens(20)));
}

TEST_P(StepperThreads, RefusesWhatDoesNotFit) {
  Sequence sequence = model_.make_sequence();
  Tokens tokens = toy_tokens(toy_context + 1);
  EXPECT_EQ(failure({{&sequence, tokens, LAPIDARY_LOGITS_NONE, nullptr}},
                    LAPIDARY_CONTEXT_FULL),
            "prompt of 201 tokens does not fit the context of 200; 'lapidary "
            "compile --context N' allows more");
  step(sequence, part(tokens, 0, 150), LAPIDARY_LOGITS_NONE);
  tokens = toy_tokens(51);
  EXPECT_EQ(failure({{&sequence, tokens, LAPIDARY_LOGITS_NONE, nullptr}},
                    LAPIDARY_CONTEXT_FULL),
            "51 tokens more do not fit the context of 200, of which 150 are "
            "used; 'lapidary compile --context N' allows more");
  EXPECT_EQ(sequence.position(), 150u);
}

TEST_P(StepperThreads, RefusesTokensOutsideOfTheVocabulary) {
  Sequence sequence = model_.make_sequence();
  for (int32_t token : {-1, toy_vocabulary}) {
    Tokens tokens = {5, token};
    EXPECT_EQ(failure({{&sequence, tokens, LAPIDARY_LOGITS_NONE, nullptr}},
                      LAPIDARY_INVALID_ARGUMENT),
              "token 1 is " + std::to_string(token) +
                  ", but the vocabulary has 264 tokens");
  }
}

/// Bytes of addresses that this process uses.
static uint64_t address_space() {
  uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

TEST(Stepper, IsUndoneWhenMemoryEnds) {
  ArtifactBuilder builder = toy_artifact();
  // Pages so large that only one more fits the limit set below.
  builder.root.caches[0]->page_bytes = 64 << 20;
  Model model(write_toy(std::move(builder)), 1, false, "");
  Tokens tokens = toy_tokens(40);
  Sequence first = model.make_sequence(), second = model.make_sequence();
  Tokens start = part(tokens, 0, 6);
  model.step(
      std::vector<StepEntry>{{&first, start, LAPIDARY_LOGITS_NONE, nullptr},
                             {&second, start, LAPIDARY_LOGITS_NONE, nullptr}});
  uint64_t bytes = first.bytes();

  rlimit before;
  getrlimit(RLIMIT_AS, &before);
  rlimit limit = before;
  limit.rlim_cur = address_space() + (100 << 20);
  ASSERT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
  std::vector<float> logits(toy_vocabulary);
  Tokens rest = part(tokens, 6, 40);
  EXPECT_THROW(model.step(std::vector<StepEntry>{
                   {&first, rest, LAPIDARY_LOGITS_NONE, nullptr},
                   {&second, rest, LAPIDARY_LOGITS_NONE, nullptr}}),
               Error);
  setrlimit(RLIMIT_AS, &before);

  EXPECT_EQ(first.position(), 6u);
  EXPECT_EQ(second.position(), 6u);
  EXPECT_EQ(first.bytes(), bytes);
  model.step(std::vector<StepEntry>{
      {&first, rest, LAPIDARY_LOGITS_LAST, logits.data()}});
  EXPECT_EQ(logits, toy_logits(tokens));
}

namespace {
class ToyDrafts : public testing::Test {
protected:
  Model model_{write_toy(toy_draft_artifact()), 2, false, ""};
};
} // namespace

TEST_F(ToyDrafts, GivesStatesBesideLogits) {
  EXPECT_EQ(model_.stepper().state_width(), toy_width);
  Tokens tokens = toy_tokens(40);
  Sequence sequence = model_.make_sequence();
  std::vector<float> logits(tokens.size() * toy_vocabulary);
  std::vector<float> states(tokens.size() * toy_width), expected;
  StepEntry entry{&sequence, tokens, LAPIDARY_LOGITS_ALL, logits.data(),
                  states.data()};
  model_.step({&entry, 1});
  EXPECT_EQ(logits, all_toy_logits(tokens));
  for (size_t count = 1; count <= tokens.size(); count++) {
    std::vector<float> row = toy_states(part(tokens, 0, count));
    expected.insert(expected.end(), row.begin(), row.end());
  }
  EXPECT_EQ(states, expected);
}

TEST_F(ToyDrafts, GivesStatesToThoseWhoAskOnly) {
  Tokens tokens[] = {toy_tokens(5, 1), toy_tokens(9, 2), toy_tokens(3, 3)};
  std::vector<Sequence> sequences(3, model_.make_sequence());
  std::vector<float> logits(3 * toy_vocabulary), states(toy_width);
  std::vector<StepEntry> entries;
  entries.reserve(3);
  for (size_t i = 0; i < 3; i++)
    entries.push_back({&sequences[i], tokens[i], LAPIDARY_LOGITS_LAST,
                       logits.data() + i * toy_vocabulary,
                       i == 1 ? states.data() : nullptr});
  model_.step(entries);
  EXPECT_EQ(states, toy_states(tokens[1]));
  for (size_t i = 0; i < 3; i++)
    EXPECT_EQ(std::vector<float>(logits.begin() + i * toy_vocabulary,
                                 logits.begin() + (i + 1) * toy_vocabulary),
              toy_logits(tokens[i]));
}

TEST_F(ToyDrafts, DraftsForMoreSequencesThanARunTakes) {
  std::vector<Tokens> tokens;
  std::vector<Sequence> sequences;
  std::vector<float> states(7 * toy_width), logits(7 * toy_vocabulary);
  for (uint32_t i = 0; i < 7; i++) {
    tokens.push_back(toy_tokens(3 + 11 * i, i + 1));
    sequences.push_back(model_.make_sequence());
    StepEntry entry{&sequences[i], tokens[i], LAPIDARY_LOGITS_LAST,
                    logits.data(), states.data() + i * toy_width};
    model_.step({&entry, 1});
  }
  std::vector<DraftEntry> entries;
  entries.reserve(7);
  for (uint32_t i = 0; i < 7; i++)
    entries.push_back(
        {&sequences[i], int32_t(10 + i), states.data() + i * toy_width,
         logits.data() + i * toy_vocabulary, states.data() + i * toy_width});
  // Twice, the second time from what the first gave.
  std::vector<std::vector<float>> before;
  before.reserve(7);
  for (uint32_t i = 0; i < 7; i++)
    before.push_back(toy_states(tokens[i]));
  for (int guess = 0; guess < 2; guess++) {
    model_.draft(entries);
    for (uint32_t i = 0; i < 7; i++) {
      ToyDraft expected = toy_draft(tokens[i], 10 + i, before[i]);
      EXPECT_EQ(std::vector<float>(entries[i].logits,
                                   entries[i].logits + toy_vocabulary),
                expected.logits);
      EXPECT_EQ(std::vector<float>(entries[i].next_states,
                                   entries[i].next_states + toy_width),
                expected.states);
      before[i] = expected.states;
      EXPECT_EQ(sequences[i].position(), tokens[i].size());
    }
  }
}

TEST_F(ToyDrafts, RefusesToDraftForNothing) {
  Sequence sequence = model_.make_sequence();
  std::vector<float> states(toy_width), logits(toy_vocabulary);
  DraftEntry entry{&sequence, 10, states.data(), logits.data(), states.data()};
  try {
    model_.draft({&entry, 1});
    FAIL();
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), LAPIDARY_INVALID_ARGUMENT);
  }
  Model plain(write_toy(), 1, false, "");
  try {
    plain.draft({&entry, 1});
    FAIL();
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), LAPIDARY_NOT_IN_ARTIFACT);
  }
}

namespace {
class ToySources : public testing::Test {
protected:
  Model model_{write_toy(toy_source_artifact()), 2, false, ""};

  std::vector<float> step(Sequence &sequence, const Tokens &tokens) {
    std::vector<float> logits(toy_vocabulary);
    StepEntry entry{&sequence, tokens, LAPIDARY_LOGITS_LAST, logits.data()};
    model_.step({&entry, 1});
    return logits;
  }

  lapidary_status failure(const std::function<void()> &body) {
    try {
      body();
    } catch (const Error &error) {
      return error.status();
    }
    return LAPIDARY_OK;
  }
};
} // namespace

TEST_F(ToySources, AnswersAboutTheWholeSource) {
  for (uint32_t count = 1; count <= toy_max_rows; count++) {
    Tokens source = toy_tokens(count, count), text = toy_tokens(20);
    Sequence sequence = model_.make_sequence();
    std::vector<float> states(count * toy_width);
    model_.encode(sequence, source, states.data());
    EXPECT_EQ(states, toy_source_states(source));
    EXPECT_EQ(sequence.source_length(), count);
    EXPECT_EQ(sequence.position(), 0u);
    EXPECT_EQ(step(sequence, part(text, 0, 7)),
              toy_answer(source, part(text, 0, 7)));
    EXPECT_EQ(step(sequence, part(text, 7, 20)), toy_answer(source, text));
  }
}

TEST_F(ToySources, KeepsSourcesApart) {
  Tokens first = toy_tokens(13, 1), second = toy_tokens(9, 2);
  Tokens text = toy_tokens(4);
  Sequence a = model_.make_sequence(), b = model_.make_sequence();
  model_.encode(a, first, nullptr);
  model_.encode(b, second, nullptr);
  std::vector<float> logits(2 * toy_vocabulary);
  StepEntry entries[] = {
      {&a, text, LAPIDARY_LOGITS_LAST, logits.data()},
      {&b, text, LAPIDARY_LOGITS_LAST, logits.data() + toy_vocabulary}};
  model_.step(entries);
  std::vector<float> expected = toy_answer(first, text);
  std::vector<float> other = toy_answer(second, text);
  expected.insert(expected.end(), other.begin(), other.end());
  EXPECT_EQ(logits, expected);
  // Copies share a source; a new one is for its sequence alone, and begins a
  // new text.
  Sequence copy = a;
  model_.encode(a, second, nullptr);
  EXPECT_EQ(a.position(), 0u);
  EXPECT_EQ(step(a, text), other);
  Tokens longer = text;
  longer.push_back(9);
  EXPECT_EQ(step(copy, {9}), toy_answer(first, longer));
}

TEST_F(ToySources, RefusesTextsWithoutASource) {
  Sequence sequence = model_.make_sequence();
  EXPECT_EQ(failure([&] { step(sequence, {5}); }), LAPIDARY_INVALID_ARGUMENT);
  Tokens longest = toy_tokens(toy_max_rows + 1);
  EXPECT_EQ(failure([&] { model_.encode(sequence, longest, nullptr); }),
            LAPIDARY_CONTEXT_FULL);
  EXPECT_EQ(failure([&] { model_.encode(sequence, Tokens{-1}, nullptr); }),
            LAPIDARY_INVALID_ARGUMENT);
  Model plain(write_toy(), 1, false, "");
  Sequence other = plain.make_sequence();
  EXPECT_EQ(failure([&] { plain.encode(other, Tokens{5}, nullptr); }),
            LAPIDARY_INVALID_ARGUMENT);
}

TEST(ToyNested, StepsBothModelsAtOnce) {
  Model model(write_toy(toy_nested_artifact()), 2, false, "");
  EXPECT_EQ(model.nested(), std::vector<std::string>{"small"});
  size_t small = model.find_nested("small");
  Sequence sequences[] = {model.make_sequence(small), model.make_sequence(),
                          model.make_sequence(small)};
  Tokens tokens[] = {toy_tokens(20, 1), toy_tokens(17, 2), toy_tokens(5, 3)};
  std::vector<float> logits[3];
  std::vector<StepEntry> entries;
  for (size_t i = 0; i < 3; i++) {
    logits[i].resize(toy_vocabulary);
    entries.push_back(
        {&sequences[i], tokens[i], LAPIDARY_LOGITS_LAST, logits[i].data()});
  }
  model.step(entries);
  EXPECT_EQ(logits[0], toy_small_logits(tokens[0]));
  EXPECT_EQ(logits[1], toy_logits(tokens[1]));
  EXPECT_EQ(logits[2], toy_small_logits(tokens[2]));
  for (size_t i = 0; i < 3; i++)
    EXPECT_EQ(sequences[i].position(), tokens[i].size());
}

TEST(ToyNested, FailsForAllWhenOneDoesNotFit) {
  Model model(write_toy(toy_nested_artifact()), 1, false, "");
  Sequence whole = model.make_sequence();
  Sequence small = model.make_sequence(model.find_nested("small"));
  Tokens few = toy_tokens(3), many = toy_tokens(toy_context + 1);
  std::vector<StepEntry> entries = {
      {&whole, few, LAPIDARY_LOGITS_NONE, nullptr},
      {&small, many, LAPIDARY_LOGITS_NONE, nullptr}};
  EXPECT_THROW(model.step(entries), Error);
  EXPECT_EQ(whole.position(), 0u);
  EXPECT_EQ(whole.bytes(), 0u);
}

//===----------------------------------------------------------------------===//
// The best logits
//===----------------------------------------------------------------------===//

namespace {
/// Entries of a step that ask for the best logits of fresh sequences.
struct BestEntries {
  BestEntries(Model &model, size_t count, size_t best_count)
      : sequences(count, model.make_sequence()), tokens(count), best(count),
        allowed(bit_words(toy_vocabulary)) {
    // More than a run finds, the last token among them.
    for (int32_t token = 0; token < toy_vocabulary; token += 23)
      allowed[token / 64] |= uint64_t(1) << token % 64;
    allowed.back() |= uint64_t(1) << (toy_vocabulary - 1) % 64;
    for (size_t i = 0; i < count; i++) {
      tokens[i] = toy_tokens(3 + i, i + 1);
      entries.push_back(
          {&sequences[i], tokens[i], LAPIDARY_LOGITS_LAST, nullptr});
      entries.back().best = &best[i];
      entries.back().best_count = best_count;
      if (i == 1)
        entries.back().allowed = allowed;
    }
  }

  void expect_best(size_t i) const {
    std::vector<Candidate> expected;
    std::vector<float> logits = toy_logits(tokens[i]);
    if (!entries[i].allowed.empty())
      leave_out(logits, entries[i].allowed);
    find_best(logits, entries[i].best_count, expected);
    EXPECT_EQ(best[i], expected) << i;
  }

  std::vector<Sequence> sequences;
  std::vector<Tokens> tokens;
  std::vector<std::vector<Candidate>> best;
  /// What the second of them may choose from.
  std::vector<uint64_t> allowed;
  std::vector<StepEntry> entries;
};
} // namespace

/// How often the commands that find the best ran.
static uint64_t count_searches(Model &model) {
  uint64_t runs = 0;
  const auto &programs = *model.artifact().root().programs();
  for (size_t i = 0; i < programs.size(); i++)
    runs += model.profile(i, programs[i]->commands()->size() - 1).runs;
  return runs;
}

TEST(StepperBest, IsFoundByRunsOrAfterThem) {
  for (size_t count : {1, 2, 3})
    for (size_t best_count : {1, 8, 9}) {
      Model model(write_toy(toy_best_artifact()), 2, false, "");
      model.set_profiling(true);
      BestEntries best(model, count, best_count);
      model.step(best.entries);
      for (size_t i = 0; i < count; i++)
        best.expect_best(i);
      bool by_run = count <= toy_best_rows && best_count <= toy_best;
      EXPECT_EQ(count_searches(model), by_run) << count << ", " << best_count;
    }
}

TEST(StepperBest, GivesWhatEachEntryAsksFor) {
  Model model(write_toy(toy_best_artifact()), 1, false, "");
  BestEntries best(model, 2, 8);
  best.entries[0].best_count = 3;
  model.step(best.entries);
  best.expect_best(0);
  best.expect_best(1);
}

TEST(StepperBest, IsThereBesideLogits) {
  Model model(write_toy(toy_best_artifact()), 1, false, "");
  BestEntries best(model, 2, 8);
  std::vector<float> logits(best.tokens[0].size() * toy_vocabulary);
  StepEntry &all = best.entries[0];
  all = {all.sequence, all.tokens, LAPIDARY_LOGITS_ALL, logits.data()};
  model.step(best.entries);
  EXPECT_EQ(logits, all_toy_logits(best.tokens[0]));
  best.expect_best(1);
}
