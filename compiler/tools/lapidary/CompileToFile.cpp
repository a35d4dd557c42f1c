//===- CompileToFile.cpp - Compiling, with progress -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/CompileToFile.h"
#include "compiler/Errors.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Progress.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

using namespace lapidary;
using namespace lapidary::tool;

void tool::check(llvm::Error error) {
  if (!error)
    return;
  ExitCode code =
      error.isA<MachineError>() ? ExitCode::Machine : ExitCode::Input;
  throw Failure(code, llvm::toString(std::move(error)));
}

std::optional<std::string> tool::findCacheDirectory() {
  llvm::SmallString<128> path;
  if (!llvm::sys::path::cache_directory(path))
    return std::nullopt;
  llvm::sys::path::append(path, "lapidary");
  return path.str().str();
}

void tool::compileToFile(CompileOptions options) {
  if (auto directory = findCacheDirectory())
    options.codeCache = *directory + "/kernels";
  Progress progress("compiling " + options.checkpoint);
  options.progress = [&](llvm::StringRef stage, double fraction) {
    progress.update(stage.str(), fraction);
  };
  check(compile(options));
}
