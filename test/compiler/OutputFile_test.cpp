//===- OutputFile_test.cpp - A file appears when it is complete -*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/Errors.h"
#include "compiler/OutputFile.h"
#include "test/frontends/huggingface/TestFiles.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gmock/gmock.h"

#include <csignal>
#include <sys/resource.h>

using namespace lapidary;
using llvm::cantFail;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class OutputFileTest : public testing::Test {
protected:
  std::string at(const std::string &name) const {
    return (directory.getPath() + "/" + name).str();
  }

  /// Names of the directory's files.
  std::vector<std::string> list() const {
    std::vector<std::string> names;
    std::error_code error;
    for (llvm::sys::fs::directory_iterator entry(directory.getPath(), error),
         end;
         entry != end; entry.increment(error))
      names.push_back(llvm::sys::path::filename(entry->path()).str());
    return names;
  }

  std::string read(const std::string &name) const {
    auto buffer = llvm::MemoryBuffer::getFile(at(name));
    return buffer ? (*buffer)->getBuffer().str() : "absent";
  }

  huggingface::TemporaryDirectory directory;
};

TEST_F(OutputFileTest, AppearsWhenKept) {
  OutputFile file = cantFail(OutputFile::create(at("m.lap")));
  cantFail(file.write("gem"));
  EXPECT_EQ(read("m.lap"), "absent");
  cantFail(file.keep(/*executable=*/false));
  EXPECT_EQ(read("m.lap"), "gem");
  EXPECT_THAT(list(), ElementsAre("m.lap"));
  EXPECT_FALSE(llvm::sys::fs::can_execute(at("m.lap")));
}

TEST_F(OutputFileTest, ReplacesWhatWasThere) {
  directory.write("m", "stone");
  OutputFile file = cantFail(OutputFile::create(at("m")));
  cantFail(file.write("gem"));
  EXPECT_EQ(read("m"), "stone");
  cantFail(file.keep(/*executable=*/true));
  EXPECT_EQ(read("m"), "gem");
  EXPECT_TRUE(llvm::sys::fs::can_execute(at("m")));
}

TEST_F(OutputFileTest, LeavesNothingUnlessKept) {
  directory.write("m.lap", "stone");
  {
    OutputFile file = cantFail(OutputFile::create(at("m.lap")));
    cantFail(file.write("gem"));
  }
  EXPECT_THAT(list(), ElementsAre("m.lap"));
  EXPECT_EQ(read("m.lap"), "stone");
}

TEST_F(OutputFileTest, AlignsFromAnOriginAndRewrites) {
  OutputFile file = cantFail(OutputFile::create(at("m.lap")));
  cantFail(file.write("abcde"));
  cantFail(file.align(4, /*origin=*/3));
  EXPECT_EQ(file.position(), 7u);
  cantFail(file.align(4, /*origin=*/3));
  EXPECT_EQ(file.position(), 7u);
  cantFail(file.rewrite(1, "xy"));
  cantFail(file.write("z"));
  cantFail(file.keep(/*executable=*/false));
  EXPECT_EQ(read("m.lap"), std::string("axyde\0\0z", 8));
}

TEST_F(OutputFileTest, WritesBlocksAndWhatIsLeft) {
  OutputFile file = cantFail(OutputFile::create(at("m.lap")));
  std::string expected;
  auto write = [&](size_t size, char byte) {
    cantFail(file.write(std::string(size, byte)));
    expected.append(size, byte);
    EXPECT_EQ(file.position(), expected.size());
  };
  constexpr size_t block = 2 << 20;
  write(1, 'a');
  write(block - 2, 'b');
  write(1, 'c');
  write(block, 'd');
  write(2 * block + 50, 'e');
  cantFail(file.rewrite(4 * block + 1, "pending"));
  expected.replace(4 * block + 1, 7, "pending");
  write(block, 'f');
  cantFail(file.keep(/*executable=*/false));
  EXPECT_TRUE(read("m.lap") == expected);
}

TEST_F(OutputFileTest, RefusesPlacesWhereNoFileCanBe) {
  EXPECT_THAT(huggingface::getMessage(OutputFile::create(directory.getPath())),
              HasSubstr("no regular file"));
  EXPECT_THAT(huggingface::getMessage(OutputFile::create(at("no/m.lap"))),
              HasSubstr("no/m.lap' cannot be written"));
  EXPECT_THAT(huggingface::getMessage(OutputFile::create("/dev/full")),
              HasSubstr("no regular file"));
}

/// While it lives, files of this process end at `bytes`: a full disk.
class FileSizeLimit {
public:
  explicit FileSizeLimit(rlim_t bytes)
      : handler(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit limited = {bytes, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }

private:
  rlimit before;
  void (*handler)(int);
};

TEST_F(OutputFileTest, BlamesTheMachineWhenTheDiskIsFull) {
  {
    OutputFile file = cantFail(OutputFile::create(at("m.lap")));
    cantFail(file.write(std::string(3 << 20, 'x')));
    FileSizeLimit limit(3 << 20);
    llvm::Error error = file.write(std::string(3 << 20, 'x'));
    ASSERT_TRUE(error.isA<MachineError>());
    EXPECT_THAT(llvm::toString(std::move(error)),
                HasSubstr("m.lap' cannot be written"));
  }
  EXPECT_THAT(list(), ElementsAre());
}

} // namespace
