//===- OutputFile.cpp - A file that appears when it is complete -*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/OutputFile.h"
#include "compiler/Errors.h"

#include "llvm/Support/MathExtras.h"

#include <cerrno>
#include <unistd.h>

using namespace lapidary;
using llvm::Error;

// Linux keeps a block that is written at once as one large page, so that who
// reads the file soon has few pages to map.
static constexpr size_t kBlockBytes = 2 << 20;

llvm::Expected<OutputFile> OutputFile::create(llvm::StringRef path) {
  // What is no file (a device, say) must not be replaced by one.
  if (llvm::sys::fs::exists(path) && !llvm::sys::fs::is_regular_file(path))
    return llvm::make_error<InputError>("'" + path +
                                        "' is there and no regular file");
  auto file = llvm::sys::fs::TempFile::create(path + ".%%%%%%");
  if (!file)
    return llvm::make_error<InputError>("'" + path + "' cannot be written: " +
                                        llvm::toString(file.takeError()));
  return OutputFile(path, std::move(*file));
}

OutputFile::~OutputFile() {
  if (file)
    llvm::consumeError(file->discard());
}

Error OutputFile::failure(std::error_code error) {
  return llvm::make_error<MachineError>(
      "'" + path + "' cannot be written: " + error.message());
}

Error OutputFile::writeNow(llvm::StringRef bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(file->FD, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return failure(std::error_code(errno, std::generic_category()));
    bytes = bytes.drop_front(count);
  }
  return Error::success();
}

Error OutputFile::flush() {
  std::string bytes = std::exchange(pending, {});
  return writeNow(bytes);
}

Error OutputFile::write(llvm::StringRef bytes) {
  while (!bytes.empty()) {
    size_t rest = kBlockBytes - written % kBlockBytes;
    llvm::StringRef part = bytes.take_front(rest);
    bytes = bytes.drop_front(part.size());
    written += part.size();
    if (part.size() == kBlockBytes) {
      if (Error error = writeNow(part))
        return error;
      continue;
    }
    pending += part;
    if (part.size() == rest)
      if (Error error = flush())
        return error;
  }
  return Error::success();
}

Error OutputFile::align(uint64_t alignment, uint64_t origin) {
  uint64_t end = origin + llvm::alignTo(written - origin, alignment);
  return write(std::string(end - written, '\0'));
}

Error OutputFile::rewrite(uint64_t offset, llvm::StringRef bytes) {
  if (Error error = flush())
    return error;
  if (::pwrite(file->FD, bytes.data(), bytes.size(), offset) !=
      static_cast<ssize_t>(bytes.size()))
    return failure(std::error_code(errno, std::generic_category()));
  return Error::success();
}

Error OutputFile::keep(bool executable) {
  if (Error error = flush())
    return error;
  namespace fs = llvm::sys::fs;
  auto mode = executable ? fs::all_read | fs::all_exe | fs::owner_write
                         : fs::all_read | fs::owner_write;
  if (std::error_code error = fs::setPermissions(file->FD, mode))
    return failure(error);
  Error error = file->keep(path);
  file.reset();
  return error;
}
