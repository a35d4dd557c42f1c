//===- section_sum.h - The checksum of a section ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// XXH3 (64 bit) of the list of XXH3 sums of the section's pieces, so that a
// writer can go on as bytes come and readers can share the pieces among
// threads.
#ifndef LAPIDARY_RUNTIME_SCHEMA_SECTION_SUM_H
#define LAPIDARY_RUNTIME_SCHEMA_SECTION_SUM_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

namespace lapidary::schema {

/// Bytes of every piece but the last, which is shorter or absent.
constexpr size_t kPieceBytes = size_t(16) << 20;

/// The section's sum from those of its pieces.
inline uint64_t combineSums(const std::vector<uint64_t> &pieces) {
  return XXH3_64bits(pieces.data(), pieces.size() * sizeof(uint64_t));
}

/// The sum of bytes that come one after another.
class SectionSum {
public:
  SectionSum() { XXH3_64bits_reset(&state); }

  void append(const void *data, size_t size) {
    const char *bytes = static_cast<const char *>(data);
    while (size > 0) {
      size_t part = std::min(size, kPieceBytes - filled);
      XXH3_64bits_update(&state, bytes, part);
      filled += part;
      bytes += part;
      size -= part;
      if (filled == kPieceBytes)
        endPiece();
    }
  }

  /// Call once, after the last byte.
  uint64_t finish() {
    if (filled > 0)
      endPiece();
    return combineSums(pieces);
  }

private:
  void endPiece() {
    pieces.push_back(XXH3_64bits_digest(&state));
    XXH3_64bits_reset(&state);
    filled = 0;
  }

  XXH3_state_t state;
  size_t filled = 0;
  std::vector<uint64_t> pieces;
};

} // namespace lapidary::schema

#endif // LAPIDARY_RUNTIME_SCHEMA_SECTION_SUM_H
