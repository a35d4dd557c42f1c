//===- Registry.cpp - All targets -------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Registry.h"
#include "targets/cpu/arm/Machines.h"
#include "targets/cpu/x86/Machines.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace lapidary;

llvm::ArrayRef<const Target *> lapidary::allTargets() {
  static const std::vector<const Target *> targets = [] {
    std::vector<const Target *> all;
    cpu::addX86Machines(all);
    cpu::addArmMachines(all);
    return all;
  }();
  return targets;
}

bool lapidary::runsOnHost(const Target &target) {
  llvm::Triple host(llvm::sys::getProcessTriple());
  if (target.architecture() != llvm::Triple::getArchTypeName(host.getArch()))
    return false;
  llvm::StringMap<bool> present = llvm::sys::getHostCPUFeatures();
  return llvm::all_of(target.features(), [&](llvm::StringRef feature) {
    return present.lookup(feature);
  });
}

llvm::Expected<const Target *> lapidary::lookUpTarget(llvm::StringRef name) {
  for (const Target *target : allTargets())
    if (name == "host" ? runsOnHost(*target) : name == target->name())
      return target;
  if (name == "host")
    return llvm::createStringError(
        "no target can run on this machine; 'lapidary targets' lists what "
        "each one needs");
  auto names = llvm::map_range(
      allTargets(), [](const Target *target) { return target->name(); });
  return llvm::createStringError("target '" + name +
                                 "' is unknown; there are host, " +
                                 llvm::join(names, ", "));
}
