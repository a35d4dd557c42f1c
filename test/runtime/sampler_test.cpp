//===- sampler_test.cpp -----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/error.h"
#include "runtime/sampler.h"

#include <cmath>
#include <gmock/gmock.h>
#include <limits>
#include <map>

using namespace lapidary;
using testing::ElementsAre;
using testing::HasSubstr;

static constexpr float infinity = std::numeric_limits<float>::infinity();
static constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// Sampling at temperature 1 with everything else off.
static lapidary_sampling plain() {
  lapidary_sampling sampling = LAPIDARY_SAMPLING_INIT;
  sampling.temperature = 1;
  return sampling;
}

/// The share of each token in many draws.
static std::map<int32_t, double> shares(const lapidary_sampling &sampling,
                                        std::vector<float> logits,
                                        int draws = 20000) {
  Sampler sampler(sampling);
  std::map<int32_t, double> result;
  for (int i = 0; i < draws; i++)
    result[sampler.sample(logits, {})] += 1.0 / draws;
  return result;
}

static std::vector<float> logs(std::vector<double> probabilities) {
  std::vector<float> logits;
  logits.reserve(probabilities.size());
  for (double probability : probabilities)
    logits.push_back(static_cast<float>(std::log(probability)));
  return logits;
}

static void expect_shares(const std::map<int32_t, double> &found,
                          const std::map<int32_t, double> &expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (auto [token, share] : expected)
    EXPECT_NEAR(found.at(token), share, 0.015) << "token " << token;
}

TEST(Random, IsSplitMix64) {
  // The reference values of Vigna's splitmix64.c for seed 1234567.
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317u);
  EXPECT_EQ(random.next(), 3203168211198807973u);
  EXPECT_EQ(random.next(), 9817491932198370423u);
}

TEST(Random, UniformStaysBelowOne) {
  Random random(0);
  double sum = 0;
  for (int i = 0; i < 10000; i++) {
    double number = random.uniform();
    ASSERT_GE(number, 0);
    ASSERT_LT(number, 1);
    sum += number / 10000;
  }
  EXPECT_NEAR(sum, 0.5, 0.02);
}

TEST(PortableExp, IsTheExponential) {
  for (double x = 0; x > -60; x -= 0.0371)
    EXPECT_NEAR(portable_exp(x) / std::exp(x), 1, 2e-15) << x;
  EXPECT_EQ(portable_exp(0), 1);
  EXPECT_EQ(portable_exp(-1000), 0);
}

TEST(Sampler, GreedyTakesTheLowestOfTheBest) {
  Sampler sampler(LAPIDARY_SAMPLING_INIT);
  EXPECT_EQ(sampler.sample(std::vector<float>{1, 3, 2, 3}, {}), 1);
  EXPECT_EQ(sampler.sample(std::vector<float>{-infinity, -infinity}, {}), 0);
  EXPECT_EQ(sampler.sample(std::vector<float>{0, infinity}, {}), 1);
}

TEST(Sampler, NeverTakesWhatIsNoNumber) {
  Sampler greedy(LAPIDARY_SAMPLING_INIT), random(plain());
  EXPECT_EQ(
      greedy.sample(std::vector<float>{not_a_number, 1, not_a_number}, {}), 1);
  EXPECT_EQ(
      random.sample(std::vector<float>{not_a_number, 1, not_a_number}, {}), 1);
  EXPECT_THROW(
      greedy.sample(std::vector<float>{not_a_number, not_a_number}, {}), Error);
}

TEST(Sampler, NeverTakesTheImpossible) {
  std::vector<float> logits(100, -infinity);
  logits[3] = logits[4] = 0;
  expect_shares(shares(plain(), logits), {{3, 0.5}, {4, 0.5}});
}

TEST(Sampler, FollowsTheProbabilities) {
  expect_shares(shares(plain(), logs({0.5, 0.3, 0.2})),
                {{0, 0.5}, {1, 0.3}, {2, 0.2}});
}

TEST(Sampler, DividesByTheTemperature) {
  lapidary_sampling sampling = plain();
  sampling.temperature = 0.5f; // squares the probabilities
  expect_shares(shares(sampling, logs({0.6, 0.3, 0.1})),
                {{0, 36 / 46.0}, {1, 9 / 46.0}, {2, 1 / 46.0}});
}

TEST(Sampler, TopKKeepsTheBest) {
  lapidary_sampling sampling = plain();
  sampling.top_k = 2;
  expect_shares(shares(sampling, logs({0.2, 0.5, 0.3})),
                {{1, 0.625}, {2, 0.375}});
  sampling.top_k = 10;
  EXPECT_EQ(shares(sampling, logs({0.2, 0.5, 0.3})).size(), 3u);
}

TEST(Sampler, TopKPrefersLowTokensAmongEquals) {
  lapidary_sampling sampling = plain();
  sampling.top_k = 2;
  expect_shares(shares(sampling, {1, 1, 1, 1}), {{0, 0.5}, {1, 0.5}});
  expect_shares(shares(sampling, {0, 1, not_a_number, 2, 1, 1}),
                {{1, 0.27}, {3, 0.73}});
}

TEST(Sampler, TopPKeepsTheFewestThatReachIt) {
  lapidary_sampling sampling = plain();
  sampling.top_p = 0.75f;
  expect_shares(shares(sampling, logs({0.1, 0.5, 0.3, 0.1})),
                {{1, 0.625}, {2, 0.375}});
  sampling.top_p = 0.4f;
  EXPECT_EQ(shares(sampling, logs({0.1, 0.5, 0.3, 0.1})).size(), 1u);
}

TEST(Sampler, TopPSortsAsFarAsItMust) {
  std::vector<float> flat(700, 0.0f);
  lapidary_sampling sampling = plain();
  sampling.top_p = 0.5f;
  auto found = shares(sampling, flat, 8000);
  EXPECT_EQ(found.size(), 350u);
  EXPECT_EQ(found.rbegin()->first, 349);
}

TEST(Sampler, MinPIsAShareOfTheBest) {
  lapidary_sampling sampling = plain();
  sampling.min_p = 0.5f;
  expect_shares(shares(sampling, logs({0.5, 0.3, 0.2})),
                {{0, 0.625}, {1, 0.375}});
}

TEST(Sampler, FiltersApplyInOrder) {
  // Of the two that top-k leaves, the first has 0.625: enough for top-p.
  lapidary_sampling sampling = plain();
  sampling.top_k = 2;
  sampling.top_p = 0.6f;
  EXPECT_EQ(shares(sampling, logs({0.5, 0.3, 0.2})).size(), 1u);
}

TEST(Sampler, PenalizesSeenTokensOnce) {
  lapidary_sampling sampling = LAPIDARY_SAMPLING_INIT;
  sampling.repetition_penalty = 2;
  Sampler sampler(sampling);
  std::vector<float> positive = {3, 2}, negative = {-1, -1.5f};
  EXPECT_EQ(sampler.sample(positive, {}), 0);
  EXPECT_EQ(sampler.sample(positive, std::vector<int32_t>{0}), 1);
  EXPECT_EQ(sampler.sample(negative, std::vector<int32_t>{0}), 1);
  positive = {3, 1};
  EXPECT_EQ(sampler.sample(positive, std::vector<int32_t>{0, 0}), 0);
}

TEST(Sampler, EqualSeedsGiveEqualTokens) {
  std::vector<float> logits(100, 0.0f);
  lapidary_sampling sampling = plain();
  sampling.seed = 7;
  Sampler first(sampling), second(sampling);
  sampling.seed = 8;
  Sampler third(sampling);
  int same = 0;
  for (int i = 0; i < 100; i++) {
    int32_t token = first.sample(logits, {});
    EXPECT_EQ(second.sample(logits, {}), token);
    same += third.sample(logits, {}) == token;
  }
  EXPECT_LT(same, 20);
}

TEST(Sampler, RestartsItsNumbers) {
  std::vector<float> logits(100, 0.0f);
  Sampler sampler(plain());
  std::vector<int32_t> first, second;
  for (int i = 0; i < 5; i++)
    first.push_back(sampler.sample(logits, {}));
  sampler.restart();
  for (int i = 0; i < 5; i++)
    second.push_back(sampler.sample(logits, {}));
  EXPECT_EQ(first, second);
}

TEST(Sampler, DrawsTheSameEverywhere) {
  std::vector<float> logits(50);
  for (int i = 0; i < 50; i++)
    logits[i] = 0.1f * i;
  Sampler sampler(plain());
  std::vector<int32_t> tokens(6);
  for (int32_t &token : tokens)
    token = sampler.sample(logits, {});
  EXPECT_THAT(tokens, ElementsAre(48, 41, 15, 49, 28, 38));
}

TEST(Sampler, NamesFieldsThatMakeNoSense) {
  auto message = [](auto change) -> std::string {
    lapidary_sampling sampling = LAPIDARY_SAMPLING_INIT;
    change(sampling);
    try {
      Sampler sampler(sampling);
    } catch (const Error &error) {
      return error.what();
    }
    return "no failure";
  };
  EXPECT_THAT(message([](auto &s) { s.temperature = -1; }),
              HasSubstr("'temperature' is -1.0"));
  EXPECT_THAT(message([](auto &s) { s.temperature = not_a_number; }),
              HasSubstr("'temperature' is nan"));
  EXPECT_THAT(message([](auto &s) { s.top_p = 0; }), HasSubstr("'top_p'"));
  EXPECT_THAT(message([](auto &s) { s.top_p = 1.5f; }), HasSubstr("'top_p'"));
  EXPECT_THAT(message([](auto &s) { s.min_p = 2; }), HasSubstr("'min_p'"));
  EXPECT_THAT(message([](auto &s) { s.repetition_penalty = 0; }),
              HasSubstr("'repetition_penalty'"));
}
