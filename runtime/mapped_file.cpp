//===- mapped_file.cpp - A file in memory, read-only ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/mapped_file.h"
#include "runtime/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace lapidary;

namespace {
/// Closes a descriptor at the end of a scope.
struct Descriptor {
  ~Descriptor() {
    if (number >= 0)
      close(number);
  }
  int number;
};
} // namespace

MappedFile::MappedFile(const std::string &path) : path_(path) {
  Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat facts;
  if (file.number < 0 || fstat(file.number, &facts) != 0)
    fail(LAPIDARY_FILE_ERROR, path, ": cannot open: ", std::strerror(errno));
  if (!S_ISREG(facts.st_mode))
    fail(LAPIDARY_FILE_ERROR, path, ": expected a file, but it is a ",
         S_ISDIR(facts.st_mode) ? "directory" : "device");
  size_ = facts.st_size;
  if (size_ == 0)
    return;
  void *data = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (data == MAP_FAILED)
    fail(LAPIDARY_FILE_ERROR, path, ": cannot map: ", std::strerror(errno));
  data_ = static_cast<const std::byte *>(data);
}

MappedFile::~MappedFile() {
  if (data_)
    munmap(const_cast<std::byte *>(data_), size_);
  for (std::span<std::byte> copy : copies_)
    munmap(copy.data(), copy.size());
}

const std::byte *MappedFile::make_executable(std::span<const std::byte> part) {
  void *begin = const_cast<std::byte *>(part.data());
  if (mprotect(begin, part.size(), PROT_READ | PROT_EXEC) == 0)
    return part.data();
  // Files of a file system mounted noexec end here.
  return copy_executable(part);
}

const std::byte *MappedFile::copy_executable(std::span<const std::byte> part) {
  copies_.reserve(copies_.size() + 1);
  void *memory = mmap(nullptr, part.size(), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    fail(LAPIDARY_OUT_OF_MEMORY, path_, ": the system has no ", part.size(),
         " bytes for code");
  auto *copy = static_cast<std::byte *>(memory);
  copies_.push_back({copy, part.size()});
  std::memcpy(copy, part.data(), part.size());
  char *begin = static_cast<char *>(memory);
  __builtin___clear_cache(begin, begin + part.size());
  if (mprotect(memory, part.size(), PROT_READ | PROT_EXEC) != 0)
    fail(LAPIDARY_UNSUPPORTED_MACHINE, path_,
         ": the system does not let code be executed: ", std::strerror(errno));
  return copy;
}

/// Advises the system about every page that `part` touches; tells whether it
/// knows such advice.
static bool advise(std::span<const std::byte> part, int advice) {
  size_t page = sysconf(_SC_PAGESIZE);
  size_t before = reinterpret_cast<uintptr_t>(part.data()) % page;
  return madvise(const_cast<std::byte *>(part.data()) - before,
                 before + part.size(), advice) == 0;
}

void MappedFile::expect_all(std::span<const std::byte> part) const {
  advise(part, MADV_HUGEPAGE);
}

void MappedFile::expect_little(std::span<const std::byte> part) const {
  advise(part, MADV_NOHUGEPAGE);
}

void MappedFile::populate(std::span<const std::byte> part) const {
#ifdef MADV_POPULATE_READ
  if (advise(part, MADV_POPULATE_READ))
    return;
#endif
  // Before Linux 5.14.
  for (size_t i = 0; i < part.size(); i += 4096)
    static_cast<void>(static_cast<const volatile std::byte &>(part[i]));
}

void MappedFile::will_need(std::span<const std::byte> part) const {
  advise(part, MADV_WILLNEED);
}

void MappedFile::let_go(std::span<const std::byte> part) const {
  advise(part, MADV_DONTNEED);
}
