//===- file_header.h - The first 64 bytes of an artifact --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Fixed for all format versions, so that any reader can tell what a file is
// and refuse one that is newer than itself.
#ifndef LAPIDARY_RUNTIME_SCHEMA_FILE_HEADER_H
#define LAPIDARY_RUNTIME_SCHEMA_FILE_HEADER_H

#include <cstdint>

namespace lapidary::schema {

constexpr char kMagic[8] = {'L', 'A', 'P', 'I', 'D', 'A', 'R', 'Y'};
constexpr uint32_t kFormatVersion = 3;
/// Sections start at multiples of this: no machine has larger base pages.
constexpr uint64_t kSectionAlignment = 65536;

/// Little-endian, at offset 0. Offsets count from the start of the artifact,
/// which is the start of the file except in an executable that carries one.
struct FileHeader {
  char magic[8];
  uint32_t format_version;
  uint32_t reserved;
  /// The whole artifact, header and last section included.
  uint64_t file_size;
  uint64_t root_offset;
  uint64_t root_size;
  /// XXH3 (64 bit) of the root FlatBuffer.
  uint64_t root_checksum;
  uint8_t padding[16];
};
static_assert(sizeof(FileHeader) == 64);

/// The last 32 bytes of an executable that carries an artifact.
struct FileTrailer {
  uint64_t artifact_offset;
  uint64_t artifact_size;
  char magic[8];
  uint64_t reserved;
};
static_assert(sizeof(FileTrailer) == 32);

} // namespace lapidary::schema

#endif // LAPIDARY_RUNTIME_SCHEMA_FILE_HEADER_H
