//===- OutputFile.h - A file that appears when it is complete ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_OUTPUTFILE_H
#define LAPIDARY_COMPILER_OUTPUTFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"

#include <optional>

namespace lapidary {

/// Written beside its final name and renamed by `keep`; without that nothing
/// is left. Errors (a full disk, say) are MachineErrors that name the file.
class OutputFile {
public:
  static llvm::Expected<OutputFile> create(llvm::StringRef path);
  OutputFile(OutputFile &&) = default;
  ~OutputFile();

  /// Bytes written so far.
  uint64_t position() const { return written; }
  llvm::Error write(llvm::StringRef bytes);
  /// Writes zeros up to the next multiple of `alignment` from `origin` on.
  llvm::Error align(uint64_t alignment, uint64_t origin);
  /// Replaces bytes at `offset`, written before.
  llvm::Error rewrite(uint64_t offset, llvm::StringRef bytes);
  llvm::Error keep(bool executable);

private:
  OutputFile(llvm::StringRef path, llvm::sys::fs::TempFile file)
      : path(path), file(std::move(file)) {}
  llvm::Error failure(std::error_code error);
  llvm::Error writeNow(llvm::StringRef bytes);
  llvm::Error flush();

  std::string path;
  std::optional<llvm::sys::fs::TempFile> file;
  /// Bytes at the end that are not in the file yet: part of a block.
  std::string pending;
  uint64_t written = 0;
};

} // namespace lapidary

#endif // LAPIDARY_COMPILER_OUTPUTFILE_H
