//===- Questions.h - Whether a model answers right --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_QUESTIONS_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_QUESTIONS_H

#include "compiler/tools/lapidary/Model.h"

#include <string>
#include <vector>

namespace lapidary::tool {

/// A conversation that ends with a question, and the right answer.
struct Question {
  std::string skill;
  std::vector<Message> messages;
  std::string answer;
};

/// Reads a file with one JSON object in each line: `skill`, `messages`,
/// `answer`.
std::vector<Question> readQuestions(const std::string &path);

/// The greedy answers of `model`, several side by side: up to the end of the
/// turn, without it, or 160 tokens.
std::vector<std::string>
answerQuestions(const Model &model, const std::vector<Question> &questions);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_QUESTIONS_H
