//===- session_test.cpp -----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/error.h"
#include "runtime/session.h"
#include "toy_model.h"

#include <gmock/gmock.h>

using namespace lapidary;
using namespace lapidary::test;
using testing::ElementsAreArray;
using Tokens = std::vector<int32_t>;

namespace {
class ToySession : public testing::Test {
protected:
  std::vector<float> step(const Tokens &tokens) {
    std::vector<float> logits(toy_vocabulary);
    session_.step(tokens, LAPIDARY_LOGITS_LAST, logits.data());
    return logits;
  }

  Model model_{write_toy(), 1, false, ""};
  Session session_{model_};
};
} // namespace

TEST_F(ToySession, KeepsTheSamePrefix) {
  Tokens first = toy_tokens(20), second = first;
  second[15]++;
  step(first);
  EXPECT_EQ(session_.keep_prefix(second), 15u);
  EXPECT_EQ(step(Tokens(second.begin() + 15, second.end())),
            toy_logits(second));
}

TEST_F(ToySession, KeepsNeverAll) {
  Tokens tokens = toy_tokens(20);
  step(tokens);
  EXPECT_EQ(session_.keep_prefix(tokens), 19u);
  EXPECT_EQ(step({tokens.back()}), toy_logits(tokens));
}

TEST_F(ToySession, KeepsAllItHoldsOfSomethingLonger) {
  Tokens tokens = toy_tokens(20);
  step(Tokens(tokens.begin(), tokens.begin() + 12));
  EXPECT_EQ(session_.keep_prefix(tokens), 12u);
}

TEST_F(ToySession, KeepsNothingWhenTheWindowIsGone) {
  Tokens first = toy_tokens(100), second = first;
  second[20]++;
  step(first);
  EXPECT_EQ(session_.keep_prefix(second), 0u);
  EXPECT_EQ(step(second), toy_logits(second));
}

TEST_F(ToySession, RefusesToGoBackTooFar) {
  step(toy_tokens(100));
  try {
    session_.truncate(20);
    FAIL();
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), LAPIDARY_PAST_LOST);
    EXPECT_STREQ(error.what(), "cannot truncate to position 20: its sliding "
                               "windows or states were overwritten by later "
                               "tokens");
  }
  EXPECT_THROW(session_.truncate(101), Error);
  EXPECT_EQ(session_.sequence().position(), 100u);
}

TEST_F(ToySession, CopiesAreForks) {
  Tokens tokens = toy_tokens(30);
  step(tokens);
  Session fork = session_;
  step({7});
  std::vector<float> logits(toy_vocabulary);
  tokens.push_back(9);
  fork.step({&tokens.back(), 1}, LAPIDARY_LOGITS_LAST, logits.data());
  EXPECT_EQ(logits, toy_logits(tokens));
  EXPECT_THAT(fork.sequence().tokens(), ElementsAreArray(tokens));
}

TEST_F(ToySession, StreamsWholeCharacters) {
  auto byte = [](int value) { return toy_first_byte + value; };
  EXPECT_EQ(session_.decode(byte('a')), "a");
  EXPECT_EQ(session_.decode(byte(0xC3)), "");
  EXPECT_EQ(session_.decode(byte(0xA4)), "\xC3\xA4");
  EXPECT_EQ(session_.decode(byte(0xC3)), "");
  EXPECT_EQ(session_.end_decoding(), "\xEF\xBF\xBD");
  session_.decode(byte(0xC3));
  session_.reset();
  EXPECT_EQ(session_.decode(byte(0xA4)), "\xEF\xBF\xBD");
}
