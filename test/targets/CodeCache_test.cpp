//===- CodeCache_test.cpp - Code of kernels compiled before ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/CodeCache.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>

using namespace lapidary;

namespace {

class CodeCacheTest : public testing::Test {
protected:
  CodeCacheTest() {
    (void)llvm::sys::fs::createUniqueDirectory("lapidary-cache", directory);
  }
  ~CodeCacheTest() override { std::filesystem::remove_all(path()); }

  std::string path() const { return directory.str().str(); }

  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    for (const auto &entry : std::filesystem::directory_iterator(path()))
      found.push_back(entry.path());
    return found;
  }

  llvm::SmallString<128> directory;
};

TEST_F(CodeCacheTest, FindsWhatAnotherKept) {
  CodeCache(path()).keep("first", {"code of first", 64});
  CodeCache(path()).keep("second", {"code of second", 0});
  CodeCache cache(path());
  auto first = cache.find("first");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->object, "code of first");
  EXPECT_EQ(first->scratchBytes, 64u);
  EXPECT_EQ(cache.find("second")->object, "code of second");
  EXPECT_FALSE(cache.find("third"));
}

TEST_F(CodeCacheTest, IgnoresDamageAndWritesAnew) {
  CodeCache cache(path());
  cache.keep("kernel", {"code", 0});
  ASSERT_EQ(files().size(), 1u);
  std::string file = files().front();
  auto write = [&](size_t offset, const char *bytes) {
    std::fstream(file, std::ios::in | std::ios::out).seekp(offset) << bytes;
  };
  size_t size = std::filesystem::file_size(file);
  // The last byte of the code, the first of the file, the scratch memory.
  for (size_t offset : {size - 1, size_t(0), size_t(16)}) {
    write(offset, "?");
    EXPECT_FALSE(cache.find("kernel"));
    cache.keep("kernel", {"code", 0});
    EXPECT_TRUE(cache.find("kernel"));
  }
  for (size_t left : {size - 1, size_t(7), size_t(0)}) {
    std::filesystem::resize_file(file, left);
    EXPECT_FALSE(cache.find("kernel"));
  }
}

TEST_F(CodeCacheTest, LetsGoOfWhatWasNotUsedForLongest) {
  std::string code(1000, 'x');
  for (const char *name : {"old", "used", "new"})
    CodeCache(path()).keep(name, {code, 0});
  for (const auto &file : files())
    std::filesystem::last_write_time(
        file,
        std::filesystem::file_time_type::clock::now() - std::chrono::hours(24));
  EXPECT_TRUE(CodeCache(path()).find("used"));
  CodeCache(path(), /*maxBytes=*/2500).keep("newest", {code, 0});
  EXPECT_TRUE(CodeCache(path()).find("used"));
  EXPECT_TRUE(CodeCache(path()).find("newest"));
  EXPECT_EQ(files().size(), 2u);
}

TEST_F(CodeCacheTest, KeepsNothingWithoutDirectory) {
  CodeCache cache("");
  cache.keep("kernel", {"code", 0});
  EXPECT_FALSE(cache.find("kernel"));
}

TEST_F(CodeCacheTest, DoesWithoutWhatItCannotWrite) {
  std::ofstream(path() + "/file") << "not a directory";
  CodeCache cache(path() + "/file");
  cache.keep("kernel", {"code", 0});
  EXPECT_FALSE(cache.find("kernel"));
}

} // namespace
