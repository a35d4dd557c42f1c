//===- TestFiles.cpp - Small checkpoints made by tests ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/frontends/huggingface/TestFiles.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace lapidary;
using namespace llvm;

huggingface::TemporaryDirectory::TemporaryDirectory() {
  if (std::error_code error = sys::fs::createUniqueDirectory("lapidary", path))
    report_fatal_error(StringRef(error.message()));
}

std::string huggingface::TemporaryDirectory::write(StringRef name,
                                                   StringRef content) const {
  SmallString<128> file(path);
  sys::path::append(file, name);
  std::error_code error;
  raw_fd_ostream stream(file, error);
  if (error)
    report_fatal_error(StringRef(error.message()));
  stream << content;
  return file.str().str();
}

std::string huggingface::makeSafeTensors(StringRef header, size_t dataBytes,
                                         std::optional<uint64_t> headerLength) {
  std::string file(8, '\0');
  support::endian::write64le(file.data(), headerLength.value_or(header.size()));
  return file + header.str() + std::string(dataBytes, '\0');
}
