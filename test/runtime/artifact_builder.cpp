//===- artifact_builder.cpp - Writes artifacts for tests ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "artifact_builder.h"
#include "runtime/schema/section_sum.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <unistd.h>

using namespace lapidary;
using namespace lapidary::test;
using schema::FileHeader, schema::FileTrailer;

Bytes test::read_file(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

void test::write_file(const std::string &path, std::span<const uint8_t> bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  if (!file.flush()) {
    std::fprintf(stderr, "cannot write %s\n", path.c_str());
    std::abort();
  }
}

namespace {
/// A directory that lives as long as the process.
struct TemporaryDirectory {
  TemporaryDirectory() { std::filesystem::create_directories(path); }
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }

  const std::string path =
      testing::TempDir() + "lapidary-" + std::to_string(getpid()) + "/";
};
} // namespace

std::string test::temporary_path(const std::string &name) {
  static const TemporaryDirectory directory;
  return directory.path + name;
}

static size_t align(size_t offset) {
  size_t alignment = schema::kSectionAlignment;
  return (offset + alignment - 1) / alignment * alignment;
}

static Bytes serialize(const schema::ArtifactT &root) {
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishArtifactBuffer(builder, schema::CreateArtifact(builder, &root));
  return Bytes(builder.GetBufferPointer(),
               builder.GetBufferPointer() + builder.GetSize());
}

uint32_t ArtifactBuilder::add_section(schema::SectionKind kind,
                                      const std::string &name, Bytes bytes) {
  auto section = std::make_unique<schema::SectionT>();
  section->kind = kind;
  section->name = name;
  section->size = bytes.size();
  root.sections.push_back(std::move(section));
  contents.push_back(std::move(bytes));
  return static_cast<uint32_t>(contents.size() - 1);
}

void ArtifactBuilder::lay_out() {
  // Zeros are left out of FlatBuffers; offsets that are set make it larger.
  for (auto &section : root.sections)
    section->offset = section->checksum = 1;
  size_t end = sizeof(FileHeader) + serialize(root).size();
  for (size_t i = 0; i < contents.size(); i++) {
    root.sections[i]->offset = align(end);
    root.sections[i]->size = contents[i].size();
    schema::SectionSum sum;
    sum.append(contents[i].data(), contents[i].size());
    root.sections[i]->checksum = sum.finish();
    end = align(end) + contents[i].size();
  }
}

Bytes ArtifactBuilder::build() const {
  Bytes serialized = serialize(root);
  Bytes file(sizeof(FileHeader));
  file.insert(file.end(), serialized.begin(), serialized.end());
  for (size_t i = 0; i < contents.size(); i++) {
    file.resize(align(file.size()));
    file.insert(file.end(), contents[i].begin(), contents[i].end());
  }
  FileHeader header{};
  std::memcpy(header.magic, schema::kMagic, sizeof(header.magic));
  header.format_version = schema::kFormatVersion;
  header.file_size = file.size();
  header.root_offset = sizeof(FileHeader);
  header.root_size = serialized.size();
  std::memcpy(file.data(), &header, sizeof(header));
  fix_root_sum(file);
  return file;
}

Bytes ArtifactBuilder::finish() {
  lay_out();
  return build();
}

std::span<uint8_t> test::root_of(Bytes &file) {
  FileHeader header;
  std::memcpy(&header, file.data(), sizeof(header));
  return std::span(file).subspan(header.root_offset, header.root_size);
}

void test::fix_root_sum(Bytes &file) {
  std::span<uint8_t> root = root_of(file);
  FileHeader header;
  std::memcpy(&header, file.data(), sizeof(header));
  header.root_checksum = XXH3_64bits(root.data(), root.size());
  std::memcpy(file.data(), &header, sizeof(header));
}

Bytes test::append_to_program(Bytes program, const Bytes &artifact) {
  FileTrailer trailer{};
  std::memcpy(trailer.magic, schema::kMagic, sizeof(trailer.magic));
  trailer.artifact_offset = align(program.size());
  trailer.artifact_size = artifact.size();
  program.resize(trailer.artifact_offset);
  program.insert(program.end(), artifact.begin(), artifact.end());
  auto *bytes = reinterpret_cast<const uint8_t *>(&trailer);
  program.insert(program.end(), bytes, bytes + sizeof(trailer));
  return program;
}
