//===- ArtifactFile.cpp - A .lap file to look at ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/ArtifactFile.h"
#include "compiler/tools/lapidary/Failure.h"
#include "runtime/schema/file_header.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace lapidary;
using namespace lapidary::tool;
using schema::FileHeader, schema::FileTrailer;

static std::span<const uint8_t> mapFile(const std::string &path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat facts;
  if (file < 0 || ::fstat(file, &facts) != 0)
    failInput(path, ": cannot open: ", std::strerror(errno));
  void *data = MAP_FAILED;
  size_t size = facts.st_size;
  if (S_ISREG(facts.st_mode) && size > 0)
    data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  ::close(file);
  if (data == MAP_FAILED)
    failInput(path, ": not a file that can be mapped");
  return {static_cast<const uint8_t *>(data), size};
}

static bool isMagic(const char (&magic)[8]) {
  return std::memcmp(magic, schema::kMagic, sizeof(magic)) == 0;
}

/// The artifact in the bytes of a file: all of it, the end of an executable, or
/// nothing.
static std::span<const uint8_t> locate(std::span<const uint8_t> file) {
  if (file.size() < sizeof(FileHeader))
    return {};
  FileHeader header;
  std::memcpy(&header, file.data(), sizeof(header));
  if (isMagic(header.magic))
    return file;
  FileTrailer trailer;
  std::memcpy(&trailer, file.last(sizeof(trailer)).data(), sizeof(trailer));
  uint64_t available = file.size() - sizeof(trailer);
  if (!isMagic(trailer.magic) || trailer.artifact_offset > available ||
      trailer.artifact_size > available - trailer.artifact_offset ||
      trailer.artifact_size < sizeof(FileHeader))
    return {};
  return file.subspan(trailer.artifact_offset, trailer.artifact_size);
}

ArtifactFile::ArtifactFile(const std::string &path)
    : path(path), mapping(mapFile(path)), bytes(locate(mapping)) {
  try {
    readRoot();
    checkSections();
  } catch (...) {
    ::munmap(const_cast<uint8_t *>(mapping.data()), mapping.size());
    throw;
  }
}

ArtifactFile::~ArtifactFile() {
  ::munmap(const_cast<uint8_t *>(mapping.data()), mapping.size());
}

bool ArtifactFile::isArtifact(const std::string &path) {
  std::span<const uint8_t> file = mapFile(path);
  bool found = !locate(file).empty();
  ::munmap(const_cast<uint8_t *>(file.data()), file.size());
  return found;
}

void ArtifactFile::readRoot() {
  if (bytes.empty())
    failInput(path, ": not a Lapidary artifact");
  FileHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.format_version > schema::kFormatVersion)
    failInput(path, ": has format version ", header.format_version,
              ", but this Lapidary reads up to version ",
              schema::kFormatVersion);
  if (header.file_size != bytes.size() || header.root_offset > bytes.size() ||
      header.root_size > bytes.size() - header.root_offset ||
      header.root_offset % 8 != 0)
    failInput(path, ": damaged: the header speaks of a file of ",
              header.file_size, " bytes, but it has ", bytes.size(), " bytes");
  auto table = bytes.subspan(header.root_offset, header.root_size);
  flatbuffers::Verifier verifier(table.data(), table.size());
  if (XXH3_64bits(table.data(), table.size()) != header.root_checksum ||
      !schema::VerifyArtifactBuffer(verifier))
    failInput(path, ": damaged: the root table is not what was written");
  root = schema::GetArtifact(table.data());
}

void ArtifactFile::checkSections() const {
  for (const schema::Section *section : *root->sections())
    if (section->offset() > bytes.size() ||
        section->size() > bytes.size() - section->offset())
      failInput(path, ": damaged: section '", section->name()->string_view(),
                "' ends after the file");
  for (const schema::Program *program : *root->programs())
    for (const schema::Command *command : *program->commands())
      if (command->kernel() >= root->kernels()->size())
        failInput(path, ": damaged: a command calls kernel ", command->kernel(),
                  " of ", root->kernels()->size());
}

std::span<const uint8_t> ArtifactFile::getTokenizer() const {
  for (const schema::Section *section : *root->sections())
    if (section->kind() == schema::SectionKind::Tokenizer)
      return bytes.subspan(section->offset(), section->size());
  return {};
}
