//===- Chat.cpp - lapidary chat ---------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Answer.h"
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Files.h"
#include "compiler/tools/lapidary/LineReader.h"
#include "compiler/tools/lapidary/Output.h"
#include "compiler/tools/lapidary/Signals.h"

#include <cstdio>
#include <memory>
#include <unistd.h>

using namespace lapidary;
using namespace lapidary::tool;

static constexpr const char *commandHelp =
    "/system TEXT  begin anew with TEXT as instructions; without TEXT, with "
    "none\n"
    "/reset        begin anew\n"
    "/stats        tokens, speed and memory so far\n"
    "/help         this list\n"
    "/quit         leave (as Ctrl-D does); Ctrl-C stops an answer\n";

namespace {
struct ChatOptions {
  std::string model, nested;
  std::optional<std::string> system;
  int64_t threads = 0;
  bool verify = false;
  bool warm = false;
  GenerationOptions generation;
};

/// A conversation at the terminal, or one read from a script.
class Chat {
public:
  Chat(const Model &model, const ChatOptions &options)
      : model(model), options(options), session(model),
        system(options.system.value_or("")) {
    options.generation.apply(model, session);
    reset();
  }

  /// Reads lines and answers them until the input ends.
  void run();

private:
  enum class Next { GoOn, Leave };

  Next handleCommand(const std::string &line);
  void answerLine(const std::string &line);
  void reset();
  void printStats();
  /// Says something about the program, not from the model.
  void note(const std::string &text) {
    std::fprintf(stderr, "%s", text.c_str());
  }

  const Model &model;
  const ChatOptions &options;
  Session session;
  std::string system;
  std::vector<Message> messages;
  Answer last;
  bool interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
};
} // namespace

void Chat::reset() {
  lapidary_session_reset(session.get());
  messages.clear();
  if (!system.empty())
    messages.push_back({"system", system});
}

void Chat::printStats() {
  lapidary_memory memory = LAPIDARY_MEMORY_INIT;
  check(lapidary_model_get_memory(model.get(), &memory));
  auto rate = [](size_t tokens, double seconds) {
    return seconds > 0 ? formatFixed(tokens / seconds, 1) : std::string("-");
  };
  note(concat("context: ", session.getPosition(), " of ",
              model.getInfo().context,
              " tokens\nlast prompt: ", last.promptTokens, " tokens, ",
              rate(last.promptTokens, last.promptSeconds),
              " tokens/s\nlast answer: ", last.generatedTokens, " tokens, ",
              rate(last.generatedTokens, last.generateSeconds),
              " tokens/s\nmemory: ", formatBytes(memory.weights), " weights, ",
              formatBytes(memory.working), " working, ", formatBytes(memory.kv),
              " KV cache\n"));
}

Chat::Next Chat::handleCommand(const std::string &line) {
  std::string name = line.substr(0, line.find(' '));
  if (name == "/quit")
    return Next::Leave;
  if (name == "/help") {
    note(commandHelp);
  } else if (name == "/reset") {
    reset();
  } else if (name == "/system") {
    system = line.size() > name.size() ? line.substr(name.size() + 1) : "";
    reset();
  } else if (name == "/stats") {
    printStats();
  } else {
    std::string nearest =
        findNearest(name, {"/system", "/reset", "/stats", "/help", "/quit"});
    note("unknown command '" + name + "'; " +
         (nearest.empty() ? "/help lists them"
                          : "did you mean '" + nearest + "'?") +
         "\n");
  }
  return Next::GoOn;
}

void Chat::answerLine(const std::string &line) {
  requireUtf8("the line", line);
  messages.push_back({"user", line});
  try {
    std::vector<int32_t> prompt = model.renderChat(messages);
    requireFits(model, prompt);
    size_t kept = 0;
    check(lapidary_session_keep_prefix(session.get(), prompt.data(),
                                       prompt.size(), &kept));
    last = generate(model, session, std::span(prompt).subspan(kept),
                    options.generation, [](std::string_view text) {
                      print(text);
                      flushOutput();
                    });
  } catch (const Failure &) {
    messages.pop_back();
    throw;
  }
  print("\n");
  flushOutput();
  // A turn that was stopped before its first word is as if never begun.
  if (last.text.empty())
    messages.pop_back();
  else
    messages.push_back({"assistant", last.text});
}

void Chat::run() {
  if (interactive)
    note("chatting with " + std::string(model.getInfo().name) +
         "; /help lists commands\n");
  LineReader reader;
  catchInterrupts();
  while (true) {
    if (interactive)
      note("> ");
    std::string line;
    LineReader::Result result = reader.read(line);
    clearInterrupt();
    if (result == LineReader::Result::End)
      break;
    if (result == LineReader::Result::Interrupted) {
      note("\n(/quit or Ctrl-D leaves)\n");
      continue;
    }
    if (line.empty())
      continue;
    try {
      if (!line.starts_with('/'))
        answerLine(line);
      else if (handleCommand(line) == Next::Leave)
        return;
    } catch (const Failure &failure) {
      // A script must not go on with answers missing.
      if (!interactive || failure.getCode() != ExitCode::Input)
        throw;
      note(concat("error: ", failure.what(), "; /reset begins anew\n"));
    }
    clearInterrupt();
  }
  if (interactive)
    note("\n");
}

static void chat(const ChatOptions &options) {
  Model model(options.model, options.threads, options.verify, options.nested,
              options.warm);
  model.requireText();
  model.requireTokenizer();
  if (!*model.getInfo().chat_template)
    failInput(options.model, ": has no chat template; 'lapidary run' continues "
                             "texts with it");
  if (options.system)
    requireUtf8("--system", *options.system);
  Chat(model, options).run();
}

Action tool::defineChat(Options &options) {
  options.describe("lapidary chat MODEL [options]",
                   "Talks with a model, line by line; /help lists what else "
                   "can be typed.",
                   "lapidary chat gemma.lap --system \"Answer in one word.\"");
  auto values = std::make_shared<ChatOptions>();
  options.addOperand({"MODEL", "",
                      "a .lap file, or a checkpoint directory "
                      "(compiled for this machine once)"},
                     values->model);
  options.add({"--system", "TEXT", "instructions for the model"},
              values->system);
  values->generation.addTo(options);
  addNestedOption(options, values->nested);
  options.add({"--threads", "N", "threads", "all cores"}, values->threads,
              {0, 4096});
  options.addFlag(
      {"--verify", "", "check large weights against their sum, too"},
      values->verify);
  addWarmOption(options, values->warm);
  return [values] { chat(*values); };
}
