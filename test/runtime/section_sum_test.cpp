//===- section_sum_test.cpp - The checksum of a section -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/schema/section_sum.h"

#include <gtest/gtest.h>
#include <string>

using namespace lapidary::schema;

static uint64_t sumOf(const std::string &bytes, size_t step) {
  SectionSum sum;
  for (size_t i = 0; i < bytes.size(); i += step)
    sum.append(bytes.data() + i, std::min(step, bytes.size() - i));
  return sum.finish();
}

TEST(SectionSum, DoesNotDependOnHowBytesCome) {
  std::string bytes(2 * kPieceBytes + 5, 'a');
  bytes[kPieceBytes] = 'b';
  uint64_t whole = sumOf(bytes, bytes.size());
  EXPECT_EQ(sumOf(bytes, kPieceBytes), whole);
  EXPECT_EQ(sumOf(bytes, 1000003), whole);
}

TEST(SectionSum, IsTheSumOfTheSumsOfPieces) {
  std::string bytes(kPieceBytes + 1, 'a');
  EXPECT_EQ(sumOf(bytes, bytes.size()),
            combineSums({XXH3_64bits(bytes.data(), kPieceBytes),
                         XXH3_64bits(bytes.data(), 1)}));
}

TEST(SectionSum, SeesOneChangedBitAnywhere) {
  std::string bytes(kPieceBytes + 64, 'a'), changed = bytes;
  for (size_t place : {size_t(0), kPieceBytes - 1, kPieceBytes + 63}) {
    changed[place] ^= 1;
    EXPECT_NE(sumOf(changed, changed.size()), sumOf(bytes, bytes.size()));
    changed[place] ^= 1;
  }
}

TEST(SectionSum, TellsAnEmptySectionFromAZero) {
  EXPECT_NE(sumOf("", 1), sumOf(std::string(1, '\0'), 1));
}
