//===- machine_test.cpp -----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/machine.h"

#include <gtest/gtest.h>

using namespace lapidary;

TEST(Machine, HasWhatThisTestWasCompiledFor) {
  Machine machine = this_machine();
#if defined(__x86_64__)
  EXPECT_EQ(machine.architecture, "x86_64");
  EXPECT_TRUE(machine.has("sse2"));
#else
  EXPECT_EQ(machine.architecture, "aarch64");
  EXPECT_TRUE(machine.has("neon"));
#endif
}

#if defined(__x86_64__)
TEST(Machine, AgreesWithTheCompilerAboutFeatures) {
  Machine machine = this_machine();
  __builtin_cpu_init();
  EXPECT_EQ(machine.has("avx2"), bool(__builtin_cpu_supports("avx2")));
  EXPECT_EQ(machine.has("fma"), bool(__builtin_cpu_supports("fma")));
  EXPECT_EQ(machine.has("avx512f"), bool(__builtin_cpu_supports("avx512f")));
  EXPECT_EQ(machine.has("avx512vnni"),
            bool(__builtin_cpu_supports("avx512vnni")));
  EXPECT_EQ(machine.has("avx512bf16"),
            bool(__builtin_cpu_supports("avx512bf16")));
}
#endif

TEST(Machine, LacksFeaturesThatItDoesNotKnow) {
  EXPECT_FALSE(this_machine().has("telepathy"));
  EXPECT_FALSE(this_machine().has(""));
}
