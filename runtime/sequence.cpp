//===- sequence.cpp - Tokens and their keys and values --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/sequence.h"

#include <algorithm>

using namespace lapidary;

void Sequence::prepare(uint64_t count) {
  uint64_t needed = position() + count;
  if (needed > tokens_.capacity())
    tokens_.reserve(std::max<uint64_t>(needed, 2 * tokens_.capacity()));
  for (SequencePages &pages : pages_)
    if (!pages.is_source)
      pages.table.prepare(position(), count);
}

void Sequence::commit(std::span<const int32_t> tokens) noexcept {
  for (SequencePages &pages : pages_)
    if (!pages.is_source)
      pages.table.commit(position(), tokens.size());
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
}

bool Sequence::can_truncate(uint64_t position) const {
  return std::all_of(
      pages_.begin(), pages_.end(), [position](const SequencePages &pages) {
        return pages.is_source || pages.table.holds_past_of(position);
      });
}

void Sequence::truncate(uint64_t position) noexcept {
  tokens_.resize(position);
  for (SequencePages &pages : pages_)
    if (!pages.is_source)
      pages.table.truncate(position);
}

void Sequence::prepare_source(uint64_t count) {
  try {
    for (SequencePages &pages : pages_)
      if (pages.is_source)
        pages.table.prepare(0, count);
  } catch (...) {
    forget_source();
    throw;
  }
}

void Sequence::commit_source(uint64_t count) noexcept {
  for (SequencePages &pages : pages_)
    if (pages.is_source)
      pages.table.commit(0, count);
  source_length_ = count;
}

void Sequence::forget_source() noexcept {
  source_length_ = 0;
  for (SequencePages &pages : pages_)
    if (pages.is_source)
      pages.table.truncate(0);
}

uint64_t Sequence::bytes() const {
  uint64_t sum = 0;
  for (const SequencePages &pages : pages_)
    sum += pages.table.bytes();
  return sum;
}
