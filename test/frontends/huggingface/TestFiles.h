//===- TestFiles.h - Small checkpoints made by tests ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TEST_FRONTENDS_HUGGINGFACE_TESTFILES_H
#define LAPIDARY_TEST_FRONTENDS_HUGGINGFACE_TESTFILES_H

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include <optional>
#include <string>

namespace lapidary::huggingface {

/// A directory that is removed with its files at the end of a test.
class TemporaryDirectory {
public:
  TemporaryDirectory();
  ~TemporaryDirectory() { llvm::sys::fs::remove_directories(path); }
  TemporaryDirectory(const TemporaryDirectory &) = delete;
  TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;

  llvm::StringRef getPath() const { return path; }

  /// Writes a file and returns its path.
  std::string write(llvm::StringRef name, llvm::StringRef content) const;

private:
  llvm::SmallString<128> path;
};

/// A safetensors file of a header and `dataBytes` zeros. `headerLength` is what
/// the file claims; the truth if absent.
std::string
makeSafeTensors(llvm::StringRef header, size_t dataBytes,
                std::optional<uint64_t> headerLength = std::nullopt);

/// The message of a failure; empty if `result` is a success.
template <typename T> std::string getMessage(llvm::Expected<T> result) {
  return result ? "" : llvm::toString(result.takeError());
}

} // namespace lapidary::huggingface

#endif // LAPIDARY_TEST_FRONTENDS_HUGGINGFACE_TESTFILES_H
