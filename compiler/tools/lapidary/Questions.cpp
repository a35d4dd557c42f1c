//===- Questions.cpp - Whether a model answers right ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Questions.h"
#include "compiler/tools/lapidary/Answer.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Files.h"
#include "compiler/tools/lapidary/Progress.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

using namespace lapidary;
using namespace lapidary::tool;
using nlohmann::json;

/// Questions that share a step.
static constexpr size_t batchSize = 16;
static constexpr size_t maxAnswerTokens = 160;

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static Question parseQuestion(const std::string &line) {
  json object = json::parse(line);
  Question question{object.at("skill"), {}, object.at("answer")};
  for (const json &message : object.at("messages"))
    question.messages.push_back({message.at("role"), message.at("content")});
  return question;
}

std::vector<Question> tool::readQuestions(const std::string &path) {
  std::vector<Question> questions;
  std::istringstream lines(readFile(path));
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    if (line.find_first_not_of(" \t\r") == line.npos)
      continue;
    try {
      questions.push_back(parseQuestion(line));
    } catch (const json::exception &error) {
      failInput(path, ": line ", number,
                ": expected an object with 'skill', "
                "'messages' (of 'role' and 'content') and 'answer': ",
                error.what());
    }
  }
  if (questions.empty())
    failInput(path, ": has no questions");
  return questions;
}

//===----------------------------------------------------------------------===//
// Answering
//===----------------------------------------------------------------------===//

namespace {
/// A place in the batch where one question after another is answered.
struct Slot {
  explicit Slot(const Model &model)
      : session(model), logits(model.getInfo().vocabulary) {}

  Session session;
  std::vector<float> logits;
  /// The question that is being answered, while there is one.
  std::optional<size_t> question;
  /// What the next step feeds.
  std::vector<int32_t> next;
  std::vector<int32_t> answer;
};

class Answerer {
public:
  Answerer(const Model &model, const std::vector<Question> &questions)
      : model(model), questions(questions), answers(questions.size()) {
    for (size_t i = 0; i < std::min(batchSize, questions.size()); ++i)
      slots.emplace_back(model);
  }

  std::vector<std::string> run();

private:
  bool refill();
  void step();
  void take(Slot &slot);

  const Model &model;
  const std::vector<Question> &questions;
  std::vector<std::string> answers;
  std::vector<Slot> slots;
  size_t nextQuestion = 0;
};
} // namespace

/// Gives the next questions to slots that are free. Returns whether any slot
/// has one.
bool Answerer::refill() {
  for (Slot &slot : slots) {
    if (slot.question || nextQuestion == questions.size())
      continue;
    slot.question = nextQuestion++;
    slot.next = model.renderChat(questions[*slot.question].messages);
    requireFits(model, slot.next);
    slot.answer.clear();
    lapidary_session_reset(slot.session.get());
  }
  return std::ranges::any_of(
      slots, [](const Slot &slot) { return slot.question.has_value(); });
}

void Answerer::step() {
  std::vector<lapidary_step_entry> entries;
  for (Slot &slot : slots)
    if (slot.question)
      entries.push_back({slot.session.get(), slot.next.data(), slot.next.size(),
                         LAPIDARY_LOGITS_LAST, slot.logits.data(), nullptr,
                         nullptr});
  check(lapidary_step(model.get(), entries.data(), entries.size()));
}

void Answerer::take(Slot &slot) {
  int32_t token = std::ranges::max_element(slot.logits) - slot.logits.begin();
  bool ended = model.endsAnswer(token);
  if (!ended)
    slot.answer.push_back(token);
  slot.next = {token};
  bool full = slot.session.getPosition() == model.getInfo().context;
  if (!ended && !full && slot.answer.size() < maxAnswerTokens)
    return;
  answers[*slot.question] = model.detokenize(slot.answer);
  slot.question.reset();
}

std::vector<std::string> Answerer::run() {
  Progress progress("answering questions");
  while (refill()) {
    step();
    for (Slot &slot : slots)
      if (slot.question)
        take(slot);
    progress.update(double(nextQuestion) / questions.size());
  }
  return answers;
}

std::vector<std::string>
tool::answerQuestions(const Model &model,
                      const std::vector<Question> &questions) {
  return Answerer(model, questions).run();
}
