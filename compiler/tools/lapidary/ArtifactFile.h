//===- ArtifactFile.h - A .lap file to look at ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime opens artifacts to run them here; this opens those made for any
// machine, to show what they hold.
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_ARTIFACTFILE_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_ARTIFACTFILE_H

#include "runtime/schema/artifact_generated.h"

#include <span>
#include <string>

namespace lapidary::tool {

/// A mapped artifact whose table of contents was checked.
class ArtifactFile {
public:
  /// Opens a .lap file or an executable that carries one. Throws a Failure
  /// that names `path` when it is neither, damaged, or newer than this program.
  explicit ArtifactFile(const std::string &path);
  ArtifactFile(const ArtifactFile &) = delete;
  ArtifactFile &operator=(const ArtifactFile &) = delete;
  ~ArtifactFile();

  /// Whether the file at `path` claims to be, or to carry, an artifact.
  static bool isArtifact(const std::string &path);

  const schema::Artifact &getRoot() const { return *root; }
  /// The artifact's size, without an executable before it.
  uint64_t getSize() const { return bytes.size(); }
  /// The `Tokenizer` FlatBuffer, empty when there is none.
  std::span<const uint8_t> getTokenizer() const;

private:
  void readRoot();
  void checkSections() const;

  std::string path;
  std::span<const uint8_t> mapping;
  /// The artifact's part of the mapping.
  std::span<const uint8_t> bytes;
  const schema::Artifact *root = nullptr;
};

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_ARTIFACTFILE_H
