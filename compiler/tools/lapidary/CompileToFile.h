//===- CompileToFile.h - Compiling, with progress ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_COMPILETOFILE_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_COMPILETOFILE_H

#include "compiler/Compile.h"

#include <optional>
#include <string>

namespace lapidary::tool {

/// The folder for what can be made again, below XDG_CACHE_HOME or the user's
/// home; nothing where there is neither.
std::optional<std::string> findCacheDirectory();

/// Compiles as `options` say, with code of kernels from the user's cache, and
/// shows how far it is. Throws a Failure.
void compileToFile(CompileOptions options);

/// Throws `error`, unless it is success, as a Failure with its exit code.
void check(llvm::Error error);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_COMPILETOFILE_H
