//===- sequence.h - Tokens and their keys and values ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_SEQUENCE_H
#define LAPIDARY_RUNTIME_SEQUENCE_H

#include "runtime/kv_pages.h"

#include <cstdint>
#include <span>
#include <vector>

namespace lapidary {

/// The keys and values of one cache group.
struct SequencePages {
  PageTable table;
  /// Whether positions are those of the source.
  bool is_source;
};

/// The past of one sequence, and the source that it is about if its model reads
/// one. Copies have the same past and share its pages.
class Sequence {
public:
  /// Function `function` of the model continues the text.
  Sequence(std::vector<SequencePages> pages, size_t function)
      : function_(function), pages_(std::move(pages)) {}

  size_t function() const { return function_; }

  std::span<const int32_t> tokens() const { return tokens_; }
  uint64_t position() const { return tokens_.size(); }
  /// Positions of the source, 0 while there is none.
  uint64_t source_length() const { return source_length_; }

  /// Makes room for a source of `count` tokens. There is none yet; on failure
  /// there is no room either.
  void prepare_source(uint64_t count);

  /// Notes that the source, which was prepared for, is computed.
  void commit_source(uint64_t count) noexcept;

  /// Gives the source's pages back.
  void forget_source() noexcept;

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
  void **pages(size_t group) { return pages_[group].table.entries(); }

  /// Bytes of the pages held.
  uint64_t bytes() const;

private:
  size_t function_;
  std::vector<int32_t> tokens_;
  uint64_t source_length_ = 0;
  /// One for each cache group.
  std::vector<SequencePages> pages_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_SEQUENCE_H
