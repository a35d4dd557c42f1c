//===- kv_pages.h - Where keys and values of a sequence lie -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels find the page of a position in a table indexed by position /
// page_tokens. For layers that see everything each entry is a page of its own;
// for layers with a sliding window a few pages take turns as a ring. Only this
// file knows the difference.
#ifndef LAPIDARY_RUNTIME_KV_PAGES_H
#define LAPIDARY_RUNTIME_KV_PAGES_H

#include "runtime/memory.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace lapidary {

/// A page that sequences share; it goes back to its pool with the last of them.
using PageRef = std::shared_ptr<std::byte>;

/// All pages of one cache group; outlives the tables that use it. Safe to share
/// by threads.
class PagePool {
public:
  explicit PagePool(size_t page_bytes) : page_bytes_(page_bytes) {}
  PagePool(const PagePool &) = delete;

  /// A page of zeros. Fails with LAPIDARY_OUT_OF_MEMORY.
  PageRef acquire();
  size_t page_bytes() const { return page_bytes_; }
  /// Bytes of all pages, free ones included.
  uint64_t total_bytes() const;

private:
  std::byte *take_free();
  std::byte *take_new();
  void give_back(std::byte *page) noexcept;

  const size_t page_bytes_;
  mutable std::mutex mutex_;
  std::vector<Memory> pages_;
  /// Those of `pages_` that nobody holds; has capacity for all.
  std::vector<std::byte *> free_;
};

/// What all tables of a cache group have in common.
struct PageLayout {
  /// Positions of a page.
  uint32_t page_tokens;
  /// Positions that a query sees, its own included; 0: all.
  uint32_t window;
  /// Pages of a ring; 0: as many as there are positions for.
  uint64_t ring_pages;
  /// Whether the page, one for all positions, holds what is remembered behind
  /// the last of them and nothing else.
  bool is_state = false;
};

/// The layout of a group in whose steps up to `max_rows` positions are written
/// before the first of them is read; with a `page_tokens` of 0 that of a state.
PageLayout make_page_layout(uint32_t page_tokens, uint32_t window,
                            uint32_t max_rows);

/// How many pages a sequence of `positions` holds.
uint64_t pages_for(const PageLayout &layout, uint64_t positions);

/// The pages of one sequence in one cache group. Copies share pages until one
/// of them is about to be written.
class PageTable {
public:
  PageTable(PagePool &pool, const PageLayout &layout)
      : pool_(&pool), layout_(layout) {}

  /// Makes the pages of positions [first, first + count) present and this
  /// table's own. On failure what the table holds is as before.
  void prepare(uint64_t first, uint64_t count);

  /// Notes that positions [first, first + count), which are prepared, are
  /// written.
  void commit(uint64_t first, uint64_t count) noexcept;

  /// Whether what a query at `position` sees of the past is still there.
  bool holds_past_of(uint64_t position) const;

  /// Gives back what only positions from `position` on need.
  void truncate(uint64_t position) noexcept;

  /// Entry position / page_tokens is the page of that position; valid until the
  /// next call of prepare.
  void **entries() { return entries_.data(); }

  /// Bytes of the pages in use, shared ones included.
  uint64_t bytes() const;

private:
  struct Slot {
    PageRef page;
    /// Which page of the sequence was last written here; of a state, behind
    /// which position.
    uint64_t written = 0;
  };

  uint64_t slot_of(uint64_t page) const {
    return layout_.ring_pages ? page % layout_.ring_pages : page;
  }
  void make_own(Slot &slot);
  void refresh_entries(uint64_t pages);

  PagePool *pool_;
  PageLayout layout_;
  std::vector<Slot> slots_;
  std::vector<void *> entries_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_KV_PAGES_H
