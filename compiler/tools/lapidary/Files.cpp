//===- Files.cpp - Reading what people give ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Files.h"
#include "compiler/tools/lapidary/Failure.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace lapidary;
using namespace lapidary::tool;

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static std::string readAll(int descriptor, const std::string &name) {
  std::string bytes;
  char buffer[1 << 16];
  while (true) {
    ssize_t count = ::read(descriptor, buffer, sizeof(buffer));
    if (count == 0)
      return bytes;
    if (count > 0)
      bytes.append(buffer, count);
    else if (errno != EINTR)
      failInput(name, ": cannot read: ", std::strerror(errno));
  }
}

std::string tool::readFile(const std::string &path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    failInput(path, ": cannot open: ", std::strerror(errno));
  struct Closer {
    ~Closer() { ::close(descriptor); }
    int descriptor;
  } closer{descriptor};
  return readAll(descriptor, path);
}

std::string tool::readStandardInput() {
  return readAll(STDIN_FILENO, "standard input");
}

//===----------------------------------------------------------------------===//
// UTF-8
//===----------------------------------------------------------------------===//

/// Bytes of the character that `text` begins with; 0 if it is not UTF-8.
static size_t getCharacterSize(std::string_view text) {
  unsigned char first = text[0];
  size_t size = first < 0x80                    ? 1
                : first >= 0xC2 && first < 0xE0 ? 2
                : first >= 0xE0 && first < 0xF0 ? 3
                : first >= 0xF0 && first < 0xF5 ? 4
                                                : 0;
  if (size > text.size())
    return 0;
  for (size_t i = 1; i < size; ++i)
    if ((text[i] & 0xC0) != 0x80)
      return 0;
  if (size < 3)
    return size;
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  unsigned char second = text[1];
  bool wrong =
      (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
  return wrong ? 0 : size;
}

std::optional<size_t> tool::findInvalidUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    size_t size = getCharacterSize(text.substr(i));
    if (size == 0)
      return i;
    i += size;
  }
  return std::nullopt;
}

void tool::requireUtf8(std::string_view what, std::string_view text) {
  if (std::optional<size_t> position = findInvalidUtf8(text))
    failInput(what, " is not UTF-8: wrong at byte ", *position);
}

//===----------------------------------------------------------------------===//
// NewFile
//===----------------------------------------------------------------------===//

NewFile::NewFile(const std::string &path)
    : path(path), temporary(path + ".XXXXXX") {
  descriptor = ::mkstemp(temporary.data());
  if (descriptor < 0)
    fail("create", errno);
  // mkstemp makes it private; what the program writes obeys the umask.
  mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor, 0666 & ~mask);
}

NewFile::~NewFile() {
  if (mapping)
    ::munmap(mapping, mappingSize);
  ::close(descriptor);
  if (!temporary.empty())
    ::unlink(temporary.c_str());
}

void NewFile::fail(const char *action, int error) const {
  failInput(path, ": cannot ", action, ": ", std::strerror(error));
}

char *NewFile::map(size_t size) {
  if (int error = ::posix_fallocate(descriptor, 0, size))
    fail("write", error);
  void *address =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (address == MAP_FAILED)
    fail("map", errno);
  mapping = static_cast<char *>(address);
  mappingSize = size;
  return mapping;
}

void NewFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR)
      fail("write", errno);
    bytes.remove_prefix(count < 0 ? 0 : count);
  }
}

void NewFile::commit() {
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    fail("write", errno);
  temporary.clear();
}
