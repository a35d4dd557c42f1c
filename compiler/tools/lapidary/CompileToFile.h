//===- CompileToFile.h - Compiling, with progress ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_COMPILETOFILE_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_COMPILETOFILE_H

#include "compiler/Compile.h"

namespace lapidary::tool {

/// Compiles as `options` say and shows how far it is. Throws a Failure.
void compileToFile(CompileOptions options);

/// Throws `error`, unless it is success, as a Failure with its exit code.
void check(llvm::Error error);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_COMPILETOFILE_H
