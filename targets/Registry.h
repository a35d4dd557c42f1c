//===- Registry.h - All targets ---------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_REGISTRY_H
#define LAPIDARY_TARGETS_REGISTRY_H

#include "targets/Target.h"

namespace lapidary {

/// Every target; within an architecture from the best to the plainest.
llvm::ArrayRef<const Target *> allTargets();

/// What a user means by `name`, at least one, in the registry's order: the
/// target of that name; all of an architecture, of which the runtime then takes
/// the best that its machine can run; with `host` the best for this machine.
/// An error lists the names there are.
llvm::Expected<std::vector<const Target *>> lookUpTargets(llvm::StringRef name);

/// The best target that this machine can run; null if there is none.
const Target *hostTarget();

/// Whether this machine has all that `target` asks for.
bool runsOnHost(const Target &target);

} // namespace lapidary

#endif // LAPIDARY_TARGETS_REGISTRY_H
