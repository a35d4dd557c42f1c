//===- sequence.cpp - Tokens and their keys and values --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/sequence.h"

#include <algorithm>

using namespace lapidary;

void Sequence::prepare(uint64_t count) {
  uint64_t needed = position() + count;
  if (needed > tokens_.capacity())
    tokens_.reserve(std::max<uint64_t>(needed, 2 * tokens_.capacity()));
  for (PageTable &table : tables_)
    table.prepare(position(), count);
}

void Sequence::commit(std::span<const int32_t> tokens) noexcept {
  for (PageTable &table : tables_)
    table.commit(position(), tokens.size());
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
}

bool Sequence::can_truncate(uint64_t position) const {
  return std::all_of(tables_.begin(), tables_.end(),
                     [position](const PageTable &table) {
                       return table.holds_past_of(position);
                     });
}

void Sequence::truncate(uint64_t position) noexcept {
  tokens_.resize(position);
  for (PageTable &table : tables_)
    table.truncate(position);
}

uint64_t Sequence::bytes() const {
  uint64_t sum = 0;
  for (const PageTable &table : tables_)
    sum += table.bytes();
  return sum;
}
