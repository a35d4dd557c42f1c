//===- artifact_checks.h - Whether an artifact makes sense ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_ARTIFACT_CHECKS_H
#define LAPIDARY_RUNTIME_ARTIFACT_CHECKS_H

#include <cstdint>
#include <string>

namespace lapidary {

namespace schema {
struct Artifact;
} // namespace schema

/// Checks every number of a structurally sound root table that is later used
/// as an index, an offset, a size or a divisor, so that no other part of the
/// runtime has to. `artifact_size` bounds the sections; the root table lies at
/// [root_begin, root_end). Fails with LAPIDARY_BAD_ARTIFACT and a message that
/// begins with `path` and names the field.
void check_artifact(const std::string &path, const schema::Artifact &artifact,
                    uint64_t artifact_size, uint64_t root_begin,
                    uint64_t root_end);

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_ARTIFACT_CHECKS_H
