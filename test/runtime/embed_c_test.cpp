//===- embed_c_test.cpp -----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What examples/embed-c prints is what the model computes.
#include "toy_model.h"

#include <cstdio>
#include <gtest/gtest.h>
#include <sys/wait.h>

using namespace lapidary::test;

namespace {
struct Output {
  std::string text;
  int exit_code;
};
} // namespace

static Output run_example(const std::string &arguments) {
  Output output;
  FILE *pipe = popen((EMBED_C " " + arguments + " 2>/dev/null").c_str(), "r");
  for (int byte; (byte = std::fgetc(pipe)) != EOF;)
    output.text += static_cast<char>(byte);
  output.exit_code = WEXITSTATUS(pclose(pipe));
  return output;
}

TEST(EmbedC, PrintsTheAnswer) {
  // Continues `a` up to the first byte that is not ASCII, which is made to end
  // the answer.
  ArtifactBuilder builder = toy_artifact();
  builder.root.model->chat_template.clear();
  std::vector<int32_t> tokens = {toy_bos, toy_first_byte + 'a'};
  std::string expected;
  int32_t next = toy_next(tokens);
  while (next >= toy_first_byte && next < toy_first_byte + 0x80) {
    expected += static_cast<char>(next - toy_first_byte);
    tokens.push_back(next);
    next = toy_next(tokens);
  }
  builder.root.model->eos = {next};
  Output output = run_example(write_toy(std::move(builder)) + " a");
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_EQ(output.text, expected + "\n");
}

TEST(EmbedC, UsesTheChatTemplate) {
  EXPECT_EQ(run_example(write_toy() + " 'Hello there'").exit_code, 0);
}

TEST(EmbedC, GivesTheExitCodeOfTheFailure) {
  EXPECT_EQ(run_example("/missing.lap x").exit_code, 1);
  EXPECT_EQ(run_example("").exit_code, 2);
}
