//===- kv_pages.cpp - Where keys and values of a sequence lie -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/kv_pages.h"

#include <algorithm>
#include <cstring>

using namespace lapidary;

static uint64_t divide_up(uint64_t value, uint64_t divisor) {
  return (value + divisor - 1) / divisor;
}

std::byte *PagePool::take_free() {
  std::lock_guard lock(mutex_);
  if (free_.empty())
    return nullptr;
  std::byte *page = free_.back();
  free_.pop_back();
  return page;
}

std::byte *PagePool::take_new() {
  Memory page(page_bytes_, "a page of the KV cache");
  std::byte *data = page.data();
  std::lock_guard lock(mutex_);
  // Giving back must not fail, so there is room for every page from the start.
  free_.reserve(pages_.size() + 1);
  pages_.push_back(std::move(page));
  return data;
}

void PagePool::give_back(std::byte *page) noexcept {
  std::lock_guard lock(mutex_);
  free_.push_back(page);
}

PageRef PagePool::acquire() {
  std::byte *page = take_free();
  // What another sequence left behind may hold a NaN, which would survive even
  // a multiplication by zero.
  if (page)
    std::memset(page, 0, page_bytes_);
  else
    page = take_new();
  return PageRef(page, [this](std::byte *data) { give_back(data); });
}

uint64_t PagePool::total_bytes() const {
  std::lock_guard lock(mutex_);
  return pages_.size() * page_bytes_;
}

PageLayout lapidary::make_page_layout(uint32_t page_tokens, uint32_t window,
                                      uint32_t max_rows) {
  if (page_tokens == 0)
    return {UINT32_MAX, 0, 0, /*is_state=*/true};
  uint64_t ring_pages = 0;
  // One page more than the positions fill, since they need not begin a page.
  if (window > 0)
    ring_pages = divide_up(uint64_t(window) + max_rows, page_tokens) + 1;
  return {page_tokens, window, ring_pages};
}

uint64_t lapidary::pages_for(const PageLayout &layout, uint64_t positions) {
  uint64_t pages = divide_up(positions, layout.page_tokens);
  return layout.ring_pages ? std::min(pages, layout.ring_pages) : pages;
}

void PageTable::make_own(Slot &slot) {
  if (slot.page && slot.page.use_count() == 1)
    return;
  PageRef page = pool_->acquire();
  if (slot.page)
    std::memcpy(page.get(), slot.page.get(), pool_->page_bytes());
  slot.page = std::move(page);
}

void PageTable::refresh_entries(uint64_t pages) {
  entries_.resize(pages);
  for (uint64_t page = 0; page < pages; page++)
    entries_[page] = slots_[slot_of(page)].page.get();
}

void PageTable::prepare(uint64_t first, uint64_t count) {
  uint64_t begin = first / layout_.page_tokens;
  uint64_t end = divide_up(first + count, layout_.page_tokens);
  uint64_t slots = pages_for(layout_, first + count);
  if (slots_.size() < slots)
    slots_.resize(slots);
  // A step longer than the ring comes to the same slots again.
  for (uint64_t page = begin; page < std::min(end, begin + slots); page++)
    make_own(slots_[slot_of(page)]);
  refresh_entries(end);
}

void PageTable::commit(uint64_t first, uint64_t count) noexcept {
  uint64_t end = divide_up(first + count, layout_.page_tokens);
  for (uint64_t page = first / layout_.page_tokens; page < end; page++)
    slots_[slot_of(page)].written = layout_.is_state ? first + count : page;
}

bool PageTable::holds_past_of(uint64_t position) const {
  if (layout_.is_state)
    return position == 0 || slots_.front().written == position;
  if (layout_.window == 0)
    return true;
  uint64_t first = position - std::min<uint64_t>(position, layout_.window - 1);
  if (first == position)
    return true;
  uint64_t end = divide_up(position, layout_.page_tokens);
  for (uint64_t page = first / layout_.page_tokens; page < end; page++)
    if (slots_[slot_of(page)].written != page)
      return false;
  return true;
}

void PageTable::truncate(uint64_t position) noexcept {
  if (position > 0 && layout_.ring_pages > 0)
    return;
  uint64_t needed = divide_up(position, layout_.page_tokens);
  if (needed < slots_.size())
    slots_.resize(needed);
}

uint64_t PageTable::bytes() const {
  auto used = std::count_if(slots_.begin(), slots_.end(), [](const Slot &slot) {
    return slot.page != nullptr;
  });
  return used * pool_->page_bytes();
}
