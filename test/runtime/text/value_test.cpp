//===- value_test.cpp -----------------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/text/value.h"

#include <gtest/gtest.h>

using namespace lapidary::text;

TEST(Value, SpellsNumbersAsPythonDoes) {
  EXPECT_EQ(spell(2.5), "2.5");
  EXPECT_EQ(spell(-100.0), "-100.0");
  EXPECT_EQ(spell(0.0), "0.0");
  EXPECT_EQ(spell(0.1), "0.1");
  EXPECT_EQ(spell(0.0001), "0.0001");
  EXPECT_EQ(spell(0.00001), "1e-05");
  EXPECT_EQ(spell(123456789012345.0), "123456789012345.0");
  EXPECT_EQ(spell(1e16), "1e+16");
  EXPECT_EQ(spell(1.5e300), "1.5e+300");
}

TEST(Value, FindsFieldsOfObjectsOnly) {
  Value object = {Value::Object{{"a", {std::string("x")}}, {"b", {true}}}};
  EXPECT_EQ(object.text("a"), "x");
  EXPECT_EQ(object.text("b"), "");
  EXPECT_TRUE(object.is_true("b"));
  EXPECT_FALSE(object.is_true("a"));
  EXPECT_EQ(object.find("c"), nullptr);
  EXPECT_EQ(Value{int64_t(3)}.find("a"), nullptr);
}
