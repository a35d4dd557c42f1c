//===- Run.cpp - lapidary run -----------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Answer.h"
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Files.h"
#include "compiler/tools/lapidary/Output.h"
#include "compiler/tools/lapidary/Signals.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>

using namespace lapidary;
using namespace lapidary::tool;

namespace {
struct RunOptions {
  std::string model, nested;
  /// The operand `-`.
  std::optional<std::string> standardInput;
  std::optional<std::string> prompt, file;
  std::vector<int64_t> ids;
  bool chat = false, json = false;
  int64_t threads = 0;
  bool verify = false;
  bool warm = false;
  GenerationOptions generation;
};
} // namespace

/// The text of whichever source was given.
static std::string readPrompt(const RunOptions &options) {
  std::string text = options.prompt ? *options.prompt
                     : options.file ? readFile(*options.file)
                                    : readStandardInput();
  if (text.empty())
    failInput("the prompt is empty");
  requireUtf8(options.file ? *options.file : "the prompt", text);
  return text;
}

static void requireOneSource(const RunOptions &options) {
  if (options.standardInput && *options.standardInput != "-")
    failUsage("unexpected word '", *options.standardInput,
              "'; a prompt is given with -p");
  int sources = options.prompt.has_value() + options.file.has_value() +
                options.standardInput.has_value() + !options.ids.empty();
  if (sources == 0)
    failUsage("a prompt is missing: give -p TEXT, -f FILE, or - for standard "
              "input");
  if (sources > 1)
    failUsage("only one of -p, -f, --ids and - can be the prompt");
  if (options.chat && !options.ids.empty())
    failUsage("--chat makes a turn of a text, but --ids gives ids");
}

static std::vector<int32_t> makePrompt(const Model &model,
                                       const RunOptions &options,
                                       const std::string &text) {
  if (!options.ids.empty()) {
    std::vector<int32_t> ids(options.ids.begin(), options.ids.end());
    model.requireTokens("--ids", ids);
    return ids;
  }
  model.requireTokenizer();
  if (options.chat)
    return model.renderChat(std::vector<Message>{{"user", text}});
  std::vector<int32_t> ids = model.tokenize(text, LAPIDARY_TOKENIZE_TEXT);
  if (model.getInfo().bos >= 0)
    ids.insert(ids.begin(), model.getInfo().bos);
  return ids;
}

static void printAnswer(const Answer &answer, double loadSeconds) {
  nlohmann::ordered_json document;
  document["text"] = answer.text;
  document["ids"] = answer.ids;
  document["prompt_tokens"] = answer.promptTokens;
  document["stop_reason"] = answer.stopReason;
  document["timings"] = {
      {"load_seconds", loadSeconds},
      {"prompt_seconds", answer.promptSeconds},
      {"generate_seconds", answer.generateSeconds},
      {"generated_tokens", answer.generatedTokens},
  };
  printJsonLine(document);
}

static void printIds(const std::vector<int32_t> &ids) {
  std::string text;
  for (int32_t id : ids)
    text += (text.empty() ? "" : ",") + std::to_string(id);
  print(text);
}

static void run(const RunOptions &options) {
  requireOneSource(options);
  auto start = std::chrono::steady_clock::now();
  Model model(options.model, options.threads, options.verify, options.nested,
              options.warm);
  std::chrono::duration<double> load = std::chrono::steady_clock::now() - start;
  model.requireText();
  std::string text = options.ids.empty() ? readPrompt(options) : "";
  std::vector<int32_t> prompt = makePrompt(model, options, text);
  requireFits(model, prompt);

  catchInterrupts();
  Session session(model);
  options.generation.apply(model, session);
  auto stream = [&](std::string_view part) {
    if (options.json || part.empty())
      return;
    print(part);
    flushOutput();
  };
  Answer answer = generate(model, session, prompt, options.generation, stream);
  if (options.json) {
    printAnswer(answer, load.count());
  } else {
    if (!model.getInfo().has_tokenizer)
      printIds(answer.ids);
    print("\n");
  }
  stopIfInterrupted();
}

Action tool::defineRun(Options &options) {
  options.describe("lapidary run MODEL [-p PROMPT | -f FILE | -] [options]",
                   "Continues a prompt as it stands, or answers it as one turn "
                   "of a chat.",
                   "lapidary run gemma.lap --chat -p \"What is a lapidary?\"");
  auto values = std::make_shared<RunOptions>();
  options.addOperand({"MODEL", "",
                      "a .lap file, or a checkpoint directory "
                      "(compiled for this machine once)"},
                     values->model);
  options.addOperand({"INPUT", "", "- reads the prompt from standard input"},
                     values->standardInput);
  options.add({"-p,--prompt", "PROMPT", "the prompt"}, values->prompt);
  options.add({"-f,--file", "FILE", "a file that holds the prompt"},
              values->file);
  options.add({"--ids", "N,..", "the prompt as token ids, bos included"},
              values->ids, {0, INT32_MAX});
  options.addFlag({"--chat", "",
                   "make the prompt one user turn of the model's "
                   "chat template"},
                  values->chat);
  values->generation.addTo(options);
  options.addRepeated({"--stop", "STR",
                       "end the answer before this text; may "
                       "be given several times"},
                      values->generation.stopStrings);
  options.addFlag({"--ignore-eos", "", "go on after tokens that end an answer"},
                  values->generation.ignoreEos);
  addNestedOption(options, values->nested);
  options.add({"--threads", "N", "threads", "all cores"}, values->threads,
              {0, 4096});
  options.addFlag(
      {"--verify", "", "check large weights against their sum, too"},
      values->verify);
  addWarmOption(options, values->warm);
  options.addFlag({"--json", "",
                   "print text, ids, prompt_tokens, stop_reason "
                   "and timings as JSON"},
                  values->json);
  return [values] { run(*values); };
}
