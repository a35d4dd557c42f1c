//===- CheckpointsAbsent.cpp - A build without compiler ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Checkpoints.h"
#include "compiler/tools/lapidary/Failure.h"

using namespace lapidary;
using namespace lapidary::tool;

[[noreturn]] static void failWithoutCompiler(const std::string &path) {
  failInput(path, ": expected a .lap file; this build of lapidary has no "
                  "compiler and reads nothing else");
}

std::string tool::compileIntoCache(const std::string &directory) {
  failWithoutCompiler(directory);
}

std::vector<uint8_t> tool::readTokenizer(const std::string &path) {
  failWithoutCompiler(path);
}

CheckpointFacts tool::readCheckpoint(const std::string &directory) {
  failWithoutCompiler(directory);
}
