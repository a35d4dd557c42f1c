//===- mapped_file_test.cpp -----------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/mapped_file.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

using namespace lapidary;

static constexpr size_t file_size = 16 << 20;

/// Writes a file of which the system keeps nothing in memory, if it can.
static void write_cold_file(const std::string &path) {
  std::ofstream(path) << std::string(file_size, 'x');
  int file = open(path.c_str(), O_RDONLY);
  fsync(file);
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  close(file);
}

/// Whether the page at `offset` of `file` is in memory, mapped or not.
static bool is_resident(const MappedFile &file, size_t offset) {
  unsigned char state = 0;
  size_t page = sysconf(_SC_PAGESIZE);
  mincore(const_cast<std::byte *>(file.bytes().data()) + offset / page * page,
          1, &state);
  return state & 1;
}

/// Whether the page at `offset` of `file` is mapped into this process.
static bool is_mapped(const MappedFile &file, size_t offset) {
  uint64_t entry = 0;
  size_t page = sysconf(_SC_PAGESIZE);
  auto address = reinterpret_cast<uintptr_t>(file.bytes().data()) + offset;
  int map = open("/proc/self/pagemap", O_RDONLY);
  EXPECT_EQ(pread(map, &entry, sizeof entry, address / page * sizeof entry),
            ssize_t(sizeof entry));
  close(map);
  return entry >> 63;
}

TEST(MappedFile, ReadsAheadWhatWillBeNeededAndNoMore) {
  std::string path = testing::TempDir() + "mapped_file_test.bin";
  write_cold_file(path);
  MappedFile file(path);
  std::remove(path.c_str());
  constexpr size_t begin = 5 << 20, size = 100000, far = 12 << 20;
  if (is_resident(file, begin) || is_resident(file, far))
    GTEST_SKIP() << "this file system keeps files in memory";
  file.will_need(file.bytes().subspan(begin + 100, size));
  auto last = begin + 100 + size - 1;
  for (int i = 0; i < 1000 && !is_resident(file, last); i++)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(is_resident(file, begin));
  EXPECT_TRUE(is_resident(file, last));
  EXPECT_FALSE(is_resident(file, far));
}

TEST(MappedFile, LetsPagesGoAndReadsThemAgain) {
  std::string path = testing::TempDir() + "mapped_file_let_go.bin";
  write_cold_file(path);
  MappedFile file(path);
  std::remove(path.c_str());
  constexpr size_t begin = 5 << 20, end = 6 << 20, far = 12 << 20;
  EXPECT_EQ(
      std::count(file.bytes().begin(), file.bytes().end(), std::byte('x')),
      file_size);
  EXPECT_TRUE(is_mapped(file, begin) && is_mapped(file, far));
  file.let_go(file.bytes().subspan(begin + 100, end - begin - 100));
  EXPECT_FALSE(is_mapped(file, begin) || is_mapped(file, end - 1));
  EXPECT_TRUE(is_mapped(file, far));
  EXPECT_EQ(file.bytes()[begin], std::byte('x'));
}

TEST(MappedFile, PopulatesAPartAndNoMore) {
  std::string path = testing::TempDir() + "mapped_file_populate.bin";
  write_cold_file(path);
  MappedFile file(path);
  std::remove(path.c_str());
  constexpr size_t begin = 5 << 20, size = 1 << 20, far = 12 << 20;
  file.expect_all(file.bytes());
  file.expect_little(file.bytes().subspan(far, 2 << 20));
  file.populate(file.bytes().subspan(begin + 100, size));
  EXPECT_TRUE(is_mapped(file, begin) && is_mapped(file, begin + size));
  EXPECT_FALSE(is_mapped(file, far));
}
