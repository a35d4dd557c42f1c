//===- kv_pages_test.cpp ----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/kv_pages.h"

#include <gmock/gmock.h>

using namespace lapidary;

/// Pages of four positions, each one int.
static constexpr PageLayout global{4, 0, 0};

static int &cell(PageTable &table, uint64_t position) {
  return static_cast<int *>(table.entries()[position / 4])[position % 4];
}

/// Writes `value` for positions [first, first + count).
static void write(PageTable &table, uint64_t first, uint64_t count, int value) {
  table.prepare(first, count);
  for (uint64_t i = 0; i < count; i++)
    cell(table, first + i) = value;
  table.commit(first, count);
}

TEST(PagePool, GivesZerosEvenAfterUse) {
  PagePool pool(16);
  std::byte *first = pool.acquire().get();
  PageRef page = pool.acquire();
  EXPECT_EQ(page.get(), first);
  page.get()[5] = std::byte(1);
  page.reset();
  EXPECT_EQ(pool.acquire().get()[5], std::byte(0));
  EXPECT_EQ(pool.total_bytes(), 16u);
}

TEST(PageLayout, RingHoldsWindowAndStep) {
  EXPECT_EQ(make_page_layout(4, 0, 16).ring_pages, 0u);
  EXPECT_EQ(make_page_layout(4, 8, 16).ring_pages, 7u);
  EXPECT_EQ(make_page_layout(4, 7, 2).ring_pages, 4u);
  EXPECT_EQ(pages_for(make_page_layout(4, 8, 16), 1000), 7u);
  EXPECT_EQ(pages_for(make_page_layout(4, 8, 16), 9), 3u);
  EXPECT_EQ(pages_for(make_page_layout(4, 0, 16), 1000), 250u);
}

TEST(PageTable, AllocatesPagesAsPositionsAreReached) {
  PagePool pool(16);
  PageTable table(pool, global);
  EXPECT_EQ(table.bytes(), 0u);
  write(table, 0, 4, 1);
  EXPECT_EQ(table.bytes(), 16u);
  write(table, 4, 1, 2);
  EXPECT_EQ(table.bytes(), 32u);
  EXPECT_EQ(cell(table, 3), 1);
  EXPECT_EQ(cell(table, 4), 2);
}

TEST(PageTable, RingRepeats) {
  PagePool pool(16);
  PageTable table(pool, make_page_layout(4, 4, 4)); // three pages
  write(table, 0, 4, 1);
  write(table, 4, 24, 2);
  EXPECT_EQ(table.bytes(), 48u);
  for (int page = 0; page < 4; page++)
    EXPECT_EQ(table.entries()[page], table.entries()[page + 3]);
  EXPECT_NE(table.entries()[0], table.entries()[1]);
}

TEST(PageTable, KnowsWhatTheRingHolds) {
  PagePool pool(16);
  PageTable table(pool, make_page_layout(4, 4, 4));
  write(table, 0, 12, 1);
  for (uint64_t position = 0; position <= 12; position++)
    EXPECT_TRUE(table.holds_past_of(position)) << position;
  write(table, 12, 1, 1); // overwrites the page of positions 0 to 3
  EXPECT_TRUE(table.holds_past_of(0));
  EXPECT_FALSE(table.holds_past_of(1));
  EXPECT_FALSE(table.holds_past_of(6));
  EXPECT_TRUE(table.holds_past_of(7));
  EXPECT_TRUE(table.holds_past_of(13));
}

TEST(PageTable, WindowOfOneNeedsNoPast) {
  PagePool pool(16);
  PageTable table(pool, make_page_layout(4, 1, 1));
  write(table, 0, 40, 1);
  EXPECT_TRUE(table.holds_past_of(5));
}

TEST(PageTable, GivesPagesBack) {
  PagePool pool(16);
  PageTable table(pool, global);
  write(table, 0, 12, 1);
  table.truncate(5);
  EXPECT_EQ(table.bytes(), 32u);
  table.truncate(0);
  EXPECT_EQ(table.bytes(), 0u);
  EXPECT_EQ(pool.total_bytes(), 48u);
}

TEST(PageTable, CopiesShareUntilOneWrites) {
  for (const PageLayout &layout : {global, make_page_layout(4, 4, 4)}) {
    PagePool pool(16);
    PageTable table(pool, layout);
    write(table, 0, 6, 1);
    PageTable copy = table;
    EXPECT_EQ(pool.total_bytes(), 32u);
    write(copy, 6, 1, 2);
    EXPECT_EQ(pool.total_bytes(), 48u);
    write(table, 6, 1, 3);
    EXPECT_EQ(pool.total_bytes(), 48u);
    EXPECT_EQ(cell(copy, 5), 1);
    EXPECT_EQ(cell(copy, 6), 2);
    EXPECT_EQ(cell(table, 6), 3);
    EXPECT_EQ(table.entries()[0], copy.entries()[0]);
  }
}

TEST(PageTable, StateTakesOnePageAndCannotGoBack) {
  PagePool pool(16);
  PageTable table(pool, make_page_layout(0, 0, 8));
  EXPECT_TRUE(table.holds_past_of(0));
  table.prepare(0, 1000);
  table.commit(0, 1000);
  EXPECT_EQ(table.bytes(), 16u);
  EXPECT_TRUE(table.holds_past_of(1000));
  EXPECT_TRUE(table.holds_past_of(0));
  EXPECT_FALSE(table.holds_past_of(999));
  EXPECT_FALSE(table.holds_past_of(1));
  table.prepare(1000, 1);
  table.truncate(1000); // as after a step that failed
  EXPECT_TRUE(table.holds_past_of(1000));
  table.truncate(0);
  EXPECT_EQ(table.bytes(), 0u);
}

TEST(PageTable, StateIsCopiedBeforeItIsWritten) {
  PagePool pool(16);
  PageTable table(pool, make_page_layout(0, 0, 8));
  table.prepare(0, 3);
  *static_cast<int *>(table.entries()[0]) = 1;
  table.commit(0, 3);
  PageTable copy = table;
  copy.prepare(3, 1);
  *static_cast<int *>(copy.entries()[0]) += 1;
  copy.commit(3, 1);
  EXPECT_EQ(*static_cast<int *>(copy.entries()[0]), 2);
  EXPECT_EQ(*static_cast<int *>(table.entries()[0]), 1);
  EXPECT_TRUE(table.holds_past_of(3));
  EXPECT_FALSE(copy.holds_past_of(3));
}
