//===- variant.h - Which code of an artifact to run -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_VARIANT_H
#define LAPIDARY_RUNTIME_VARIANT_H

#include "runtime/artifact.h"
#include "runtime/machine.h"

namespace lapidary {

/// The first variant that `machine` can run; only the one called `wanted` is
/// considered if that is not empty. Fails with LAPIDARY_UNSUPPORTED_MACHINE and
/// says what every variant needs that the machine lacks.
const schema::Variant &choose_variant(const Artifact &artifact,
                                      const Machine &machine,
                                      std::string_view wanted = {});

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_VARIANT_H
