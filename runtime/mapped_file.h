//===- mapped_file.h - A file in memory, read-only --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_MAPPED_FILE_H
#define LAPIDARY_RUNTIME_MAPPED_FILE_H

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace lapidary {

/// Owns the mapping of a whole file.
class MappedFile {
public:
  /// Fails with LAPIDARY_FILE_ERROR and a message that names `path`.
  explicit MappedFile(const std::string &path);
  MappedFile(const MappedFile &) = delete;
  ~MappedFile();

  const std::string &path() const { return path_; }
  std::span<const std::byte> bytes() const { return {data_, size_}; }

  /// Makes the machine code in `part` of this file callable, and returns where
  /// it is: in place, or in a copy where the system does not let this file be
  /// executed. `part` begins at a multiple of the page size. Fails with
  /// LAPIDARY_UNSUPPORTED_MACHINE.
  const std::byte *make_executable(std::span<const std::byte> part);

  /// Tells the system that all of `part` will be read, so that it is read in
  /// large pages where there are such.
  void expect_all(std::span<const std::byte> part) const;

  /// Tells it that little of `part` will be read, here and there.
  void expect_little(std::span<const std::byte> part) const;

  /// Reads `part` and maps its pages, and returns when that is done.
  void populate(std::span<const std::byte> part) const;

  /// Asks the system to read `part` ahead.
  void will_need(std::span<const std::byte> part) const;

  /// Takes the pages of `part` out of this process until they are read again.
  /// They stay in the system's cache while it has room.
  void let_go(std::span<const std::byte> part) const;

private:
  const std::byte *copy_executable(std::span<const std::byte> part);

  std::string path_;
  const std::byte *data_ = nullptr;
  size_t size_ = 0;
  /// Mappings of executable copies.
  std::vector<std::span<std::byte>> copies_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_MAPPED_FILE_H
