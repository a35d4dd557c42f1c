//===- memory_test.cpp ------------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/error.h"
#include "runtime/memory.h"

#include <algorithm>
#include <gtest/gtest.h>

using namespace lapidary;

TEST(Memory, IsAlignedAndZero) {
  for (size_t size : {1, 63, 64, 100000, 5 << 20}) {
    Memory memory(size, "a test");
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.data()) % memory_alignment,
              0u);
    EXPECT_TRUE(
        std::all_of(memory.data(), memory.data() + size,
                    [](std::byte byte) { return byte == std::byte(); }));
  }
}

TEST(Memory, MayBeEmpty) { EXPECT_EQ(Memory(0, "nothing").data(), nullptr); }

TEST(Memory, MovesWithItsOwner) {
  Memory first(100, "a test");
  std::byte *data = first.data();
  Memory second(std::move(first));
  EXPECT_EQ(second.data(), data);
}

TEST(Memory, SaysWhatItWasFor) {
  try {
    Memory memory(size_t(1) << 62, "a test");
    FAIL();
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), LAPIDARY_OUT_OF_MEMORY);
    EXPECT_STREQ(error.what(),
                 "the system has no 4611686018427387904 bytes for a test");
  }
}
