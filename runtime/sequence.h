//===- sequence.h - Tokens and their keys and values ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_SEQUENCE_H
#define LAPIDARY_RUNTIME_SEQUENCE_H

#include "runtime/kv_pages.h"

#include <cstdint>
#include <span>
#include <vector>

namespace lapidary {

/// The past of one sequence. Copies have the same past and share its pages.
class Sequence {
public:
  explicit Sequence(std::vector<PageTable> tables)
      : tables_(std::move(tables)) {}

  std::span<const int32_t> tokens() const { return tokens_; }
  uint64_t position() const { return tokens_.size(); }

  /// Makes room for `count` more tokens. On failure the sequence holds what it
  /// held.
  void prepare(uint64_t count);

  /// Appends tokens that were prepared for and computed.
  void commit(std::span<const int32_t> tokens) noexcept;

  /// Gives back what only prepared tokens need.
  void abandon() noexcept { truncate(position()); }

  /// Whether the windows at `position` still hold what they need.
  bool can_truncate(uint64_t position) const;

  /// Forgets the tokens from `position` on, to which it can be truncated.
  void truncate(uint64_t position) noexcept;

  /// The page table of `group`; valid until the next call of prepare.
  void **pages(size_t group) { return tables_[group].entries(); }

  /// Bytes of the pages held.
  uint64_t bytes() const;

private:
  std::vector<int32_t> tokens_;
  /// One for each cache group.
  std::vector<PageTable> tables_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_SEQUENCE_H
