//===- result_rows_test.cpp -------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/result_rows.h"

#include <gtest/gtest.h>

using namespace lapidary;

namespace {
/// Writes 1, 2, ... as a run of `count` rows does.
void run(ResultRows &rows, size_t count) {
  float *place = rows.begin();
  for (size_t i = 0; i < count * rows.width(); i++)
    place[i] = static_cast<float>(i + 1);
  rows.deliver();
}
} // namespace

TEST(ResultRows, AreWrittenWhereTheyBelongWhenTheyLieTogether) {
  std::vector<float> memory(4);
  ResultRows rows(2);
  rows.reserve(2, false);
  rows.add(memory.data());
  rows.add(memory.data() + 2);
  EXPECT_EQ(rows.begin(), memory.data());
  run(rows, 2);
  EXPECT_EQ(memory, (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(rows.memory_bytes(), 0u);
}

TEST(ResultRows, AreBroughtToPlacesApart) {
  std::vector<float> memory(5);
  ResultRows rows(2);
  rows.reserve(2, true);
  rows.add(memory.data() + 3);
  rows.add(memory.data());
  run(rows, 2);
  EXPECT_EQ(memory, (std::vector<float>{3, 4, 0, 1, 2}));
}

TEST(ResultRows, AreDroppedWhereNobodyWantsThem) {
  std::vector<float> memory(2);
  ResultRows rows(2);
  rows.reserve(2, true);
  rows.add(nullptr);
  rows.add(memory.data());
  run(rows, 2);
  EXPECT_EQ(memory, (std::vector<float>{3, 4}));
  rows.clear();
  rows.add(nullptr);
  run(rows, 1);
  EXPECT_EQ(memory, (std::vector<float>{3, 4}));
}
