//===- Targets.cpp - lapidary targets ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Output.h"
#include "targets/Registry.h"

#include "llvm/ADT/StringExtras.h"

using namespace lapidary;
using namespace lapidary::tool;

static void listTargets() {
  Table table({"target", "machine", "runs here", "for", "needs"});
  for (size_t column : {1, 2, 3, 4})
    table.alignLeft(column);
  for (const Target *target : allTargets())
    table.addRow({target->name().str(), target->architecture().str(),
                  target == hostTarget() ? "yes, host"
                  : runsOnHost(*target)  ? "yes"
                                         : "no",
                  target->description().str(),
                  llvm::join(target->features(), " ")});
  print(table.getText());
}

Action tool::defineTargets(Options &options) {
  options.describe("lapidary targets",
                   "Lists the machines that 'lapidary compile --target' takes, "
                   "what each must have, and which\nof them this machine is. "
                   "The name of an architecture stands for all its targets.",
                   "lapidary targets");
  return listTargets;
}
