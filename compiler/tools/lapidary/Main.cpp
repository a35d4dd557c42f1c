//===- Main.cpp - The program lapidary --------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Output.h"
#include "compiler/tools/lapidary/Signals.h"
#include "runtime/include/lapidary.h"

#include <algorithm>
#include <cstdio>
#include <span>

using namespace lapidary::tool;

namespace {
struct Command {
  std::string name;
  const char *summary;
  Action (*define)(Options &options);
};
} // namespace

static const std::vector<Command> &getCommands() {
  static const std::vector<Command> commands = {
      {"compile", "turn a checkpoint into an artifact", defineCompile},
      {"run", "continue a prompt or answer it", defineRun},
      {"chat", "talk with a model", defineChat},
      {"embed", "make vectors of texts", defineEmbed},
      {"forward", "compute the logits or embeddings of token ids",
       defineForward},
      {"eval", "measure how good a model is", defineEval},
      {"bench", "measure how fast a model is", defineBench},
      {"inspect", "show what an artifact or a checkpoint holds", defineInspect},
      {"targets", "list the machines that can be compiled for", defineTargets},
      {"tokenize", "split text into token ids", defineTokenize},
  };
  return commands;
}

static std::string getOverview() {
  std::string text = "usage: lapidary COMMAND ...\n"
                     "Compiles Gemma checkpoints and runs them.\n"
                     "example: lapidary run gemma.lap --chat -p \"What is a "
                     "lapidary?\"\n"
                     "commands:\n";
  for (const Command &command : getCommands())
    text += "  " + command.name + std::string(10 - command.name.size(), ' ') +
            command.summary + "\n";
  return text + "options:\n"
                "  -h, --help   show this help; 'lapidary help COMMAND' shows "
                "that of a command\n"
                "  --version    show the version\n"
                "exit codes: 0 success, 1 wrong input, 2 wrong usage, 3 the "
                "machine cannot, 70 a bug in Lapidary\n";
}

static const Command &findCommand(const std::string &name) {
  std::vector<std::string> names;
  for (const Command &command : getCommands()) {
    if (command.name == name)
      return command;
    names.push_back(command.name);
  }
  std::string nearest = findNearest(name, names);
  failUsage("unknown ", name.starts_with('-') ? "option" : "command", " '",
            name, "'",
            nearest.empty() ? "; 'lapidary help' lists them all"
                            : "; did you mean '" + nearest + "'?");
}

static void runCommand(const Command &command,
                       std::span<const std::string> words) {
  Options options;
  Action action = command.define(options);
  try {
    if (!options.parse({words.begin(), words.end()})) {
      print(options.getHelp());
      return;
    }
    action();
  } catch (const Failure &failure) {
    if (failure.getCode() != ExitCode::Usage)
      throw;
    failUsage(failure.what(), "\nsee 'lapidary ", command.name, " --help'");
  }
}

static void dispatch(std::span<const std::string> words) {
  if (words.empty())
    failUsage("a command is missing\n", getOverview());
  const std::string &first = words.front();
  if (first == "--version")
    return print(concat("lapidary ", lapidary_version(), "\n"));
  bool help = first == "help" || first == "-h" || first == "--help";
  if (help && words.size() == 1)
    return print(getOverview());
  if (help)
    return runCommand(findCommand(words[1]),
                      std::vector<std::string>{"--help"});
  runCommand(findCommand(first), words.subspan(1));
}

static ExitCode report(ExitCode code, const char *message) {
  std::fprintf(stderr, "lapidary: %s%s\n",
               code == ExitCode::Bug ? "this is a bug in Lapidary: "
                                     : "error: ",
               message);
  return code;
}

static ExitCode run(std::span<const std::string> words) {
  try {
    dispatch(words);
    flushOutput();
    return ExitCode::Success;
  } catch (const ReaderGone &) {
    return ExitCode::Success;
  } catch (const Failure &failure) {
    // What was computed before it failed is worth having.
    std::fflush(stdout);
    if (failure.getCode() == ExitCode::Interrupted)
      return failure.getCode();
    return report(failure.getCode(), failure.what());
  } catch (const std::bad_alloc &) {
    return report(ExitCode::Machine, "the system has no more memory");
  } catch (const std::exception &error) {
    return report(ExitCode::Bug, error.what());
  }
}

int main(int argc, char **argv) {
  installCrashHandlers();
  std::vector<std::string> words(argv + 1, argv + argc);
  return static_cast<int>(run(words));
}
