//===- stop_strings_test.cpp ------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/stop_strings.h"

#include <gtest/gtest.h>

using namespace lapidary;

TEST(StopStrings, LetsTextPassWithoutAny) {
  StopStrings stops({});
  EXPECT_EQ(stops.append("anything"), "anything");
  EXPECT_FALSE(stops.found());
  EXPECT_EQ(stops.finish(), "");
}

TEST(StopStrings, EndsTheTextBeforeTheFirst) {
  StopStrings stops({"END", "STOP"});
  EXPECT_EQ(stops.append("a STOP b END"), "a ");
  EXPECT_TRUE(stops.found());
  EXPECT_EQ(stops.append("more"), "");
  EXPECT_EQ(stops.finish(), "");
}

TEST(StopStrings, HoldsBackWhatMayBecomeOne) {
  StopStrings stops({"abcd"});
  EXPECT_EQ(stops.append("xab"), "x");
  EXPECT_EQ(stops.append("ca"), "abc");
  EXPECT_EQ(stops.append("bc"), "");
  EXPECT_EQ(stops.append("d!"), "");
  EXPECT_TRUE(stops.found());
}

TEST(StopStrings, GivesBackWhatDidNotBecomeOne) {
  StopStrings stops({"abcd"});
  EXPECT_EQ(stops.append("xabc"), "x");
  EXPECT_EQ(stops.finish(), "abc");
  EXPECT_FALSE(stops.found());
}

TEST(StopStrings, FindsOneAcrossManyPieces) {
  StopStrings stops({"aab"});
  std::string text;
  for (char letter : std::string("aaaab"))
    text += stops.append(std::string(1, letter));
  EXPECT_EQ(text, "aa");
  EXPECT_TRUE(stops.found());
}

TEST(StopStrings, IgnoresEmptyOnes) {
  StopStrings stops({""});
  EXPECT_EQ(stops.append("text"), "text");
  EXPECT_FALSE(stops.found());
}
