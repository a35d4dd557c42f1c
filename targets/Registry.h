//===- Registry.h - All targets ---------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_REGISTRY_H
#define LAPIDARY_TARGETS_REGISTRY_H

#include "targets/Target.h"

namespace lapidary {

/// Every target; within an architecture from the best to the plainest.
llvm::ArrayRef<const Target *> allTargets();

/// The target of that name; `host` is the best that this machine can run. An
/// error lists the names there are.
llvm::Expected<const Target *> lookUpTarget(llvm::StringRef name);

/// Whether this machine has all that `target` asks for.
bool runsOnHost(const Target &target);

} // namespace lapidary

#endif // LAPIDARY_TARGETS_REGISTRY_H
