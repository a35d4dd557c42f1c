//===- executor_test.cpp ----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/executor.h"
#include "toy_model.h"

#include <gtest/gtest.h>

using namespace lapidary;
using namespace lapidary::test;

namespace {
class ToyExecutor : public testing::Test {
protected:
  Artifact artifact_{write_toy()};
  const schema::Variant &variant_ = *artifact_.root().variants()->Get(0);
  Executor executor_{artifact_, variant_, artifact_.load_code(variant_), 2};
};
} // namespace

TEST_F(ToyExecutor, ChoosesTheFirstProgramThatFits) {
  EXPECT_EQ(executor_.max_rows(0), toy_max_rows);
  EXPECT_EQ(executor_.choose_program(0, 1), 0u);
  EXPECT_EQ(executor_.choose_program(0, 2), 1u);
  EXPECT_EQ(executor_.choose_program(0, 5), 1u);
  EXPECT_EQ(executor_.choose_program(0, 6), 2u);
  EXPECT_EQ(executor_.choose_program(0, 16), 2u);
}

TEST_F(ToyExecutor, RunsOnItsInputs) {
  int32_t token = 77;
  uint64_t page[toy_global_page] = {};
  void *table[] = {page};
  StepInputs &inputs = executor_.inputs();
  inputs.tokens[0] = token;
  inputs.positions[0] = 0;
  inputs.blocks[0] = {0, 1};
  inputs.wanted[0] = 0;
  for (void ***pages : inputs.pages)
    pages[0] = table;
  std::vector<float> logits(toy_vocabulary);
  float *results[] = {logits.data()};
  executor_.run(0, {1, 1, 1}, results);
  EXPECT_EQ(logits, toy_logits({&token, 1}));
}

TEST_F(ToyExecutor, TimesCommandsWhenAsked) {
  uint64_t page[toy_global_page] = {};
  void *table[] = {page};
  for (void ***pages : executor_.inputs().pages)
    pages[0] = table;
  executor_.inputs().blocks[0] = {0, 1};
  float *nowhere[] = {nullptr};
  executor_.run(0, {1, 1, 0}, nowhere);
  EXPECT_EQ(executor_.profile(0)[0].runs, 0u);
  executor_.set_profiling(true);
  for (int i = 0; i < 3; i++)
    executor_.run(0, {1, 1, 0}, nowhere);
  EXPECT_EQ(executor_.profile(0)[0].runs, 3u);
  EXPECT_EQ(executor_.profile(0)[0].work.flops, 3u);
  EXPECT_GT(executor_.profile(0)[0].seconds, 0);
  // No logits were wanted, so the last command had nothing to do.
  EXPECT_EQ(executor_.profile(0).back().runs, 0u);
  executor_.set_profiling(true);
  EXPECT_EQ(executor_.profile(0)[0].runs, 0u);
}
