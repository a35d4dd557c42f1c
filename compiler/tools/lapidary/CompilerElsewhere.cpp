//===- CompilerElsewhere.cpp - What another program does --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler's libraries take a hundred megabytes and a twentieth of a second
// when a program starts with them. What needs them is left to the program
// lapidary-compiler, which is this one with the compiler in it.
#include "compiler/tools/lapidary/Checkpoints.h"
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Files.h"

#include <filesystem>
#include <unistd.h>

using namespace lapidary;
using namespace lapidary::tool;

static std::string compilerPath() {
  std::error_code error;
  auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return self.replace_filename("lapidary-compiler");
}

/// Becomes the program beside this one that has the compiler. It begins anew
/// with the same words, so nothing may have been read or written yet. Returns
/// when there is no such program.
static void becomeCompiler() {
  std::string words = readFile("/proc/self/cmdline");
  std::vector<char *> arguments;
  for (size_t i = 0; i < words.size(); i = words.find('\0', i) + 1)
    arguments.push_back(words.data() + i);
  arguments.push_back(nullptr);
  execv(compilerPath().c_str(), arguments.data());
}

[[noreturn]] static void compileElsewhere(const std::string &path) {
  becomeCompiler();
  failInput(path, ": expected a .lap file; what else there is is read by '",
            compilerPath(), "', which cannot be run");
}

std::string tool::compileIntoCache(const std::string &directory) {
  compileElsewhere(directory);
}

std::vector<uint8_t> tool::readTokenizer(const std::string &path) {
  compileElsewhere(path);
}

CheckpointFacts tool::readCheckpoint(const std::string &directory) {
  compileElsewhere(directory);
}

[[noreturn]] static void commandElsewhere() {
  becomeCompiler();
  failUsage("this is done by '", compilerPath(), "', which cannot be run");
}

Action tool::defineCompile(Options &) { commandElsewhere(); }

Action tool::defineTargets(Options &) { commandElsewhere(); }
