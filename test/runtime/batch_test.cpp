//===- batch_test.cpp -------------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/batch.h"

#include <gmock/gmock.h>

using namespace lapidary;
using testing::ElementsAre;

static std::vector<Run> cut(std::vector<uint64_t> counts, uint32_t max_rows) {
  return cut_into_runs(counts, max_rows);
}

TEST(Batch, FitsInOneRun) {
  EXPECT_THAT(cut({3, 1}, 4),
              ElementsAre(ElementsAre(Stretch{0, 0, 3}, Stretch{1, 0, 1})));
}

TEST(Batch, CutsLongEntries) {
  EXPECT_THAT(cut({9}, 4), ElementsAre(ElementsAre(Stretch{0, 0, 4}),
                                       ElementsAre(Stretch{0, 4, 4}),
                                       ElementsAre(Stretch{0, 8, 1})));
}

TEST(Batch, FillsRunsAcrossEntries) {
  EXPECT_THAT(cut({3, 3}, 4),
              ElementsAre(ElementsAre(Stretch{0, 0, 3}, Stretch{1, 0, 1}),
                          ElementsAre(Stretch{1, 1, 2})));
}

TEST(Batch, IsEmptyWithoutEntries) { EXPECT_THAT(cut({}, 4), ElementsAre()); }
