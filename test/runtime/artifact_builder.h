//===- artifact_builder.h - Writes artifacts for tests ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TEST_RUNTIME_ARTIFACT_BUILDER_H
#define LAPIDARY_TEST_RUNTIME_ARTIFACT_BUILDER_H

#include "runtime/schema/artifact_generated.h"
#include "runtime/schema/file_header.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lapidary::test {

using Bytes = std::vector<uint8_t>;

/// A whole file at `path`; empty if unreadable.
Bytes read_file(const std::string &path);

/// Writes a file, or ends the process.
void write_file(const std::string &path, std::span<const uint8_t> bytes);

/// A path in a directory that is removed at the end of the process.
std::string temporary_path(const std::string &name);

/// An artifact in the making: its root table, and the bytes of the sections
/// that `root.sections` lists, in the same order.
struct ArtifactBuilder {
  schema::ArtifactT root;
  std::vector<Bytes> contents;

  /// Appends a section and returns its index.
  uint32_t add_section(schema::SectionKind kind, const std::string &name,
                       Bytes bytes);

  /// Puts the sections behind the root table and sums them up.
  void lay_out();

  /// The file with the root table as it is now, sound or not.
  Bytes build() const;

  /// lay_out, then build.
  Bytes finish();
};

/// Where the root table of `file` is.
std::span<uint8_t> root_of(Bytes &file);

/// Makes the sum in the header right again after a change of the root table.
void fix_root_sum(Bytes &file);

/// `program` and behind it an artifact, as `compile --emit exe` writes them.
Bytes append_to_program(Bytes program, const Bytes &artifact);

} // namespace lapidary::test

#endif // LAPIDARY_TEST_RUNTIME_ARTIFACT_BUILDER_H
