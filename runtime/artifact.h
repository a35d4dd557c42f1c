//===- artifact.h - An opened .lap file -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Opening maps the file and checks all of it that is not bulk; whoever holds an
// Artifact may use its numbers without looking twice.
#ifndef LAPIDARY_RUNTIME_ARTIFACT_H
#define LAPIDARY_RUNTIME_ARTIFACT_H

#include "runtime/mapped_file.h"
#include "runtime/schema/artifact_generated.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace lapidary {

/// A mapped and checked artifact.
class Artifact {
public:
  /// Opens a .lap file, or an executable that carries one at its end. The sums
  /// of weight sections of 256 MB and more are checked only when
  /// `verify_weights`. Fails with LAPIDARY_FILE_ERROR,
  /// LAPIDARY_NEWER_ARTIFACT or LAPIDARY_BAD_ARTIFACT.
  explicit Artifact(const std::string &path, bool verify_weights = false);

  const std::string &path() const { return file_.path(); }
  const schema::Artifact &root() const { return *root_; }
  /// The size of the artifact alone, without an executable before it.
  uint64_t size() const { return bytes_.size(); }
  std::span<const std::byte> section(const schema::Section &section) const;
  std::span<const std::byte> weights() const;
  /// The programs that measure the machine; artifacts of older versions have
  /// none.
  std::vector<const schema::Program *> limits() const;
  /// Empty when the checkpoint had no tokenizer.
  std::span<const std::byte> tokenizer() const;

  /// Reads all weights of which steps do not look up single rows, with as many
  /// threads as this process may use, and tells `progress` how much of that
  /// is done, in [0, 1].
  void warm(const std::function<void(double)> &progress) const;

  /// Asks the system to read what a step with `tokens` looks up in tables. Of
  /// what earlier steps looked up only a bounded part stays in this process.
  void read_ahead(std::span<const int32_t> tokens) const;

  /// Makes the code of `variant` callable and returns where it begins.
  const std::byte *load_code(const schema::Variant &variant);

private:
  std::span<const std::byte> locate() const;
  void read_root();
  void check_sums(bool verify_weights) const;
  void expect_reads() const;
  std::span<const std::byte> first_section(schema::SectionKind kind) const;

  MappedFile file_;
  std::span<const std::byte> bytes_;
  const schema::Artifact *root_ = nullptr;
  /// Weights that are looked up by token.
  std::vector<const schema::Weight *> tables_;
  /// Rows looked up since the tables were last let go.
  mutable std::atomic<size_t> looked_up_ = 0;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_ARTIFACT_H
