//===- Eval.cpp - lapidary eval ---------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Output.h"
#include "compiler/tools/lapidary/Questions.h"
#include "compiler/tools/lapidary/Scoring.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <memory>

using namespace lapidary;
using namespace lapidary::tool;
using nlohmann::ordered_json;

namespace {
struct EvalOptions {
  std::string model, nested;
  std::optional<std::string> perplexity, questions, against;
  int64_t threads = 0;
  bool json = false;
};
} // namespace

static ordered_json summarize(const Divergence &divergence,
                              const Likelihood &likelihood,
                              const std::string &against) {
  double perplexity = divergence.reference.getPerplexity();
  return {{"model", against},
          {"perplexity", perplexity},
          {"perplexity_ratio", likelihood.getPerplexity() / perplexity},
          {"kl_mean", divergence.mean},
          {"kl_median", divergence.median},
          {"kl_99_9", divergence.percentile999},
          {"same_top", divergence.sameTop}};
}

static void evaluateText(const Model &model, const EvalOptions &options,
                         ordered_json &result) {
  Documents documents = readDocuments(*options.perplexity, model);
  std::optional<Model> reference;
  if (options.against) {
    reference.emplace(*options.against, options.threads);
    reference->requireContinuation();
    if (reference->getInfo().vocabulary != model.getInfo().vocabulary)
      failInput(*options.against, ": has a vocabulary of ",
                reference->getInfo().vocabulary, ", but ", options.model,
                " one of ", model.getInfo().vocabulary);
  }
  Score scored = score(documents, model, reference ? &*reference : nullptr);
  const Likelihood &likelihood = scored.likelihood;
  result["perplexity"] = likelihood.getPerplexity();
  result["tokens"] = likelihood.tokens;
  result["documents"] = documents.tokens.size();
  result["bits_per_byte"] =
      documents.bytes ? likelihood.nll / std::log(2.0) / documents.bytes : 0;
  if (scored.divergence)
    result["against"] =
        summarize(*scored.divergence, likelihood, *options.against);
}

static void evaluateQuestions(const Model &model, const EvalOptions &options,
                              ordered_json &result) {
  std::vector<Question> questions = readQuestions(*options.questions);
  std::vector<std::string> answers = answerQuestions(model, questions);
  struct Count {
    size_t right = 0, asked = 0;
  };
  Count all;
  // In the order of their first appearance.
  std::vector<std::pair<std::string, Count>> skills;
  for (size_t i = 0; i < questions.size(); ++i) {
    auto found = std::ranges::find(skills, questions[i].skill,
                                   &std::pair<std::string, Count>::first);
    if (found == skills.end())
      found = skills.insert(found, {questions[i].skill, Count()});
    bool right = answers[i] == questions[i].answer;
    for (Count *count : {&all, &found->second}) {
      count->right += right;
      ++count->asked;
    }
  }
  result["accuracy"]["all"] = double(all.right) / all.asked;
  for (const auto &[skill, count] : skills)
    result["accuracy"][skill] = double(count.right) / count.asked;
  result["questions"] = all.asked;
}

/// Prints the same figures for people.
static void printFigures(const ordered_json &result,
                         const std::string &indent = "") {
  for (const auto &[key, value] : result.items()) {
    std::string name = key;
    std::ranges::replace(name, '_', ' ');
    if (value.is_object()) {
      print(indent + name + ":\n");
      printFigures(value, indent + "  ");
      continue;
    }
    std::string text = value.is_string() ? value.get<std::string>()
                       : value.is_number_float()
                           ? formatFixed(value.get<double>(), 6)
                           : value.dump();
    std::string space(std::max<int>(1, 20 - indent.size() - name.size()), ' ');
    print(indent + name + space + text + "\n");
  }
}

static void evaluate(const EvalOptions &options) {
  if (!options.perplexity && !options.questions)
    failUsage("nothing to evaluate: give --perplexity FILE or --questions "
              "FILE.jsonl");
  if (options.against && !options.perplexity)
    failUsage("--against compares on the texts of --perplexity FILE, which is "
              "missing");
  Model model(options.model, options.threads, /*verify=*/false, options.nested);
  model.requireContinuation();
  model.requireTokenizer();
  ordered_json result;
  if (options.perplexity)
    evaluateText(model, options, result);
  if (options.questions)
    evaluateQuestions(model, options, result);
  options.json ? printJson(result) : printFigures(result);
}

Action tool::defineEval(Options &options) {
  options.describe("lapidary eval MODEL [--perplexity FILE [--against MODEL2]] "
                   "[--questions FILE.jsonl] [--json]",
                   "Measures how likely a model finds texts, how far it is "
                   "from another, and what it answers right.",
                   "lapidary eval gemma-int4.lap --perplexity heldout.txt "
                   "--against gemma-f32.lap");
  auto values = std::make_shared<EvalOptions>();
  options.addOperand({"MODEL", "",
                      "a .lap file, or a checkpoint directory "
                      "(compiled for this machine once)"},
                     values->model);
  options.add({"--perplexity", "FILE",
               "documents that each end by a line "
               "'<eos>'; each is scored alone, over all its tokens"},
              values->perplexity);
  options.add({"--against", "MODEL2",
               "on these, also the KL divergence from "
               "MODEL2, how often both find the same token most likely, and "
               "the ratio of perplexities"},
              values->against);
  options.add({"--questions", "FILE",
               "a JSON object in each line: 'skill', "
               "'messages', 'answer'; right when the greedy answer (of at most "
               "160 tokens) equals 'answer'"},
              values->questions);
  addNestedOption(options, values->nested);
  options.add({"--threads", "N", "threads", "all cores"}, values->threads,
              {0, 4096});
  options.addFlag({"--json", "",
                   "print JSON: perplexity, tokens, accuracy "
                   "(all, and by skill), ..."},
                  values->json);
  return [values] { evaluate(*values); };
}
