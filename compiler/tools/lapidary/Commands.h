//===- Commands.h - The subcommands -----------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One file each. A definition describes the options of its subcommand and
// returns what to do once they are read.
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_COMMANDS_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_COMMANDS_H

#include "compiler/tools/lapidary/Options.h"

#include <functional>

namespace lapidary::tool {

using Action = std::function<void()>;

Action defineCompile(Options &options);
Action defineRun(Options &options);
Action defineChat(Options &options);
Action defineEmbed(Options &options);
Action defineForward(Options &options);
Action defineEval(Options &options);
Action defineBench(Options &options);
Action defineInspect(Options &options);
Action defineTargets(Options &options);
Action defineTokenize(Options &options);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_COMMANDS_H
