//===- Files.h - Reading what people give -----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_FILES_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_FILES_H

#include <optional>
#include <string>
#include <string_view>

namespace lapidary::tool {

/// The bytes of the file at `path`. Throws a Failure that names it.
std::string readFile(const std::string &path);

/// All of standard input.
std::string readStandardInput();

/// Where `text` stops being UTF-8, if it does.
std::optional<size_t> findInvalidUtf8(std::string_view text);

/// Throws a Failure that begins with `what` unless `text` is UTF-8.
void requireUtf8(std::string_view what, std::string_view text);

/// A file that gets its name when it is complete: until `commit`, the bytes
/// are in a file beside it that disappears with this object.
class NewFile {
public:
  /// Creates the file beside `path`. Throws a Failure that names `path`.
  explicit NewFile(const std::string &path);
  NewFile(const NewFile &) = delete;
  NewFile &operator=(const NewFile &) = delete;
  ~NewFile();

  /// Makes the file `size` bytes large, zero where nothing was written, and
  /// maps it; the space is there from then on, so that writing to the mapping
  /// cannot fail.
  char *map(size_t size);
  /// Appends `bytes`.
  void write(std::string_view bytes);
  /// Gives the file its name.
  void commit();

private:
  [[noreturn]] void fail(const char *action, int error) const;

  std::string path, temporary;
  int descriptor;
  char *mapping = nullptr;
  size_t mappingSize = 0;
};

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_FILES_H
