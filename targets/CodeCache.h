//===- CodeCache.h - Code of kernels compiled before ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One file for each kernel, called after a hash of all that decides its code:
// the kernel's text, the target, this program. Models of one family share most
// of their kernels, so that the second of them finds its code here.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_TARGETS_CODECACHE_H
#define LAPIDARY_TARGETS_CODECACHE_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>

namespace lapidary {

/// One kernel's code, as its target wants it back.
struct KernelCode {
  /// An object file.
  std::string object;
  /// Scratch memory that a thread needs for it.
  uint64_t scratchBytes = 0;
};

/// Never fails: what cannot be read or is damaged counts as absent, and what
/// cannot be written is not kept. Several processes may share a directory.
class CodeCache {
public:
  /// `directory` is created when something is to be kept; with an empty one
  /// nothing ever is.
  explicit CodeCache(llvm::StringRef directory,
                     uint64_t maxBytes = uint64_t(256) << 20);
  /// Removes what was not used for longest, as far as there is too much.
  ~CodeCache();
  CodeCache(const CodeCache &) = delete;

  /// What was kept for `text`, which says all that decides the code but this
  /// program.
  std::optional<KernelCode> find(llvm::StringRef text) const;
  void keep(llvm::StringRef text, const KernelCode &code);

private:
  std::string pathOf(llvm::StringRef text) const;

  std::string directory;
  uint64_t maxBytes;
  /// Tells this program from earlier and later ones.
  std::string program;
  bool kept = false;
};

} // namespace lapidary

#endif // LAPIDARY_TARGETS_CODECACHE_H
