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
  llvm::Expected<const Target *> host = lookUpTarget("host");
  for (const Target *target : allTargets()) {
    bool isHost = host && *host == target;
    table.addRow({target->name().str(), target->architecture().str(),
                  isHost                ? "yes, host"
                  : runsOnHost(*target) ? "yes"
                                        : "no",
                  target->description().str(),
                  llvm::join(target->features(), " ")});
  }
  // On a machine for which there is no target, none of them is the host.
  llvm::consumeError(host.takeError());
  print(table.getText());
}

Action tool::defineTargets(Options &options) {
  options.describe("lapidary targets",
                   "Lists the machines that 'lapidary compile --target' takes, "
                   "what each must have, and which\nof them this machine is.",
                   "lapidary targets");
  return listTargets;
}
