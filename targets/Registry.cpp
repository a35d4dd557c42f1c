//===- Registry.cpp - All targets -------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/Registry.h"
#include "targets/cpu/arm/Machines.h"
#include "targets/cpu/x86/Machines.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
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

/// What LLVM knows of the model of this machine's processor.
static const llvm::MCSubtargetInfo &hostModel() {
  static const std::unique_ptr<llvm::MCSubtargetInfo> model = [] {
    llvm::InitializeNativeTarget();
    llvm::Triple triple(llvm::sys::getProcessTriple());
    std::string error;
    const auto *host = llvm::TargetRegistry::lookupTarget(triple, error);
    assert(host && "LLVM knows the target it was built for");
    return std::unique_ptr<llvm::MCSubtargetInfo>(
        host->createMCSubtargetInfo(triple, llvm::sys::getHostCPUName(), ""));
  }();
  return *model;
}

/// Whether this machine has `feature`. What LLVM does not detect on it, it has
/// if its model has it.
static bool hostHas(llvm::StringRef feature) {
  static const llvm::StringMap<bool> detected = llvm::sys::getHostCPUFeatures();
  auto found = detected.find(feature);
  if (found != detected.end())
    return found->second;
  return hostModel().checkFeatures(("+" + feature).str());
}

bool lapidary::runsOnHost(const Target &target) {
  llvm::Triple host(llvm::sys::getProcessTriple());
  return target.architecture() ==
             llvm::Triple::getArchTypeName(host.getArch()) &&
         llvm::all_of(target.features(), hostHas);
}

const Target *lapidary::hostTarget() {
  auto found = llvm::find_if(
      allTargets(), [](const Target *target) { return runsOnHost(*target); });
  return found == allTargets().end() ? nullptr : *found;
}

/// Each architecture once, then the targets.
static std::string listNames() {
  llvm::SetVector<llvm::StringRef> names;
  for (const Target *target : allTargets())
    names.insert(target->architecture());
  for (const Target *target : allTargets())
    names.insert(target->name());
  return llvm::join(names, ", ");
}

llvm::Expected<std::vector<const Target *>>
lapidary::lookUpTargets(llvm::StringRef name) {
  std::vector<const Target *> found;
  if (name == "host") {
    const Target *host = hostTarget();
    if (!host)
      return llvm::createStringError(
          "no target can run on this machine; 'lapidary targets' lists what "
          "each one needs");
    found.push_back(host);
    return found;
  }
  llvm::copy_if(
      allTargets(), std::back_inserter(found), [&](const Target *target) {
        return name == target->name() || name == target->architecture();
      });
  if (found.empty())
    return llvm::createStringError(
        "target '" + name + "' is unknown; there are host, " + listNames());
  return found;
}
