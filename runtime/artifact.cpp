//===- artifact.cpp - An opened .lap file ---------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/artifact.h"
#include "runtime/artifact_checks.h"
#include "runtime/error.h"
#include "runtime/schema/file_header.h"
#include "runtime/schema/section_sum.h"
#include "runtime/thread_count.h"

#include <atomic>
#include <cstring>
#include <mutex>
#include <thread>

using namespace lapidary;
using schema::FileHeader, schema::FileTrailer;

/// A row looked up brings up to 64 KiB of its neighbours into the process.
static constexpr size_t kept_rows = 1024;

/// What one thread reads ahead at a time.
static constexpr uint64_t warm_piece = uint64_t(16) << 20;

/// Weights below this are cheap enough to check whenever they are opened.
static constexpr uint64_t large_section = uint64_t(256) << 20;

/// Calls `work(i)` for all `i` below `count`, on several threads when there are
/// many.
template <typename Work> static void share(size_t count, Work work) {
  std::atomic<size_t> next = 0;
  auto help = [&] {
    for (size_t i; (i = next.fetch_add(1)) < count;)
      work(i);
  };
  std::vector<std::jthread> helpers;
  size_t threads = std::min<size_t>(usable_threads(), count);
  for (size_t i = 1; i < threads; i++)
    helpers.emplace_back(help);
  help();
}

/// The sum of a section, which comes from those of its pieces.
static uint64_t sum_of_section(std::span<const std::byte> bytes) {
  constexpr size_t piece = schema::kPieceBytes;
  std::vector<uint64_t> sums((bytes.size() + piece - 1) / piece);
  share(sums.size(), [&](size_t i) {
    auto part = bytes.subspan(i * piece).first(
        std::min(piece, bytes.size() - i * piece));
    sums[i] = XXH3_64bits(part.data(), part.size());
  });
  return schema::combineSums(sums);
}

static bool has_magic(const char (&magic)[8]) {
  return std::memcmp(magic, schema::kMagic, sizeof(magic)) == 0;
}

Artifact::Artifact(const std::string &path, bool verify_weights)
    : file_(path), bytes_(locate()) {
  read_root();
  expect_reads();
  check_sums(verify_weights);
}

/// Where in the file the artifact lies; what is checked is that its header is
/// there.
std::span<const std::byte> Artifact::locate() const {
  std::span<const std::byte> file = file_.bytes();
  if (file.size() < sizeof(FileHeader))
    fail(LAPIDARY_FILE_ERROR, path(), ": not a Lapidary artifact: it has ",
         file.size(), " bytes, less than a header");
  FileHeader header;
  std::memcpy(&header, file.data(), sizeof(header));
  if (has_magic(header.magic))
    return file;

  FileTrailer trailer;
  std::memcpy(&trailer, &*file.end() - sizeof(trailer), sizeof(trailer));
  if (!has_magic(trailer.magic))
    fail(LAPIDARY_FILE_ERROR, path(),
         ": not a Lapidary artifact: neither its "
         "first nor its last bytes say LAPIDARY");
  uint64_t available = file.size() - sizeof(trailer);
  if (trailer.artifact_offset % schema::kSectionAlignment != 0 ||
      trailer.artifact_offset > available ||
      trailer.artifact_size > available - trailer.artifact_offset ||
      trailer.artifact_size < sizeof(FileHeader))
    fail(LAPIDARY_BAD_ARTIFACT, path(), ": the trailer puts an artifact of ",
         trailer.artifact_size, " bytes at byte ", trailer.artifact_offset,
         " of ", available);
  return file.subspan(trailer.artifact_offset, trailer.artifact_size);
}

void Artifact::read_root() {
  FileHeader header;
  std::memcpy(&header, bytes_.data(), sizeof(header));
  if (!has_magic(header.magic))
    fail(LAPIDARY_BAD_ARTIFACT, path(),
         ": the trailer points to something that is not an artifact");
  if (header.format_version > schema::kFormatVersion)
    fail(LAPIDARY_NEWER_ARTIFACT, path(), ": has format version ",
         header.format_version, ", but this Lapidary reads up to version ",
         schema::kFormatVersion, "; use a newer one or compile again");
  if (header.format_version < schema::kFormatVersion)
    fail(LAPIDARY_BAD_ARTIFACT, path(), ": has format version ",
         header.format_version, ", but this Lapidary reads version ",
         schema::kFormatVersion, "; compile again");
  if (header.file_size != bytes_.size())
    fail(LAPIDARY_BAD_ARTIFACT, path(), ": header field 'file_size' is ",
         header.file_size, ", but there are ", bytes_.size(), " bytes");
  if (header.root_offset < sizeof(header) || header.root_offset % 8 != 0 ||
      header.root_offset > bytes_.size() ||
      header.root_size > bytes_.size() - header.root_offset)
    fail(LAPIDARY_BAD_ARTIFACT, path(), ": header puts a root table of ",
         header.root_size, " bytes at byte ", header.root_offset, " of ",
         bytes_.size());

  auto root = bytes_.subspan(header.root_offset, header.root_size);
  if (uint64_t sum = XXH3_64bits(root.data(), root.size());
      sum != header.root_checksum)
    fail(LAPIDARY_BAD_ARTIFACT, path(),
         ": the root table is damaged: its sum "
         "is ",
         sum, ", but the header says ", header.root_checksum);
  auto *data = reinterpret_cast<const uint8_t *>(root.data());
  flatbuffers::Verifier verifier(data, root.size());
  if (!schema::VerifyArtifactBuffer(verifier))
    fail(LAPIDARY_BAD_ARTIFACT, path(),
         ": the root table is not a valid FlatBuffer of this schema");
  root_ = schema::GetArtifact(data);
  check_artifact(path(), *root_, bytes_.size(), header.root_offset,
                 header.root_offset + header.root_size);
  for (const schema::Weight *weight : *root_->weights())
    if (weight->row_bytes() > 0)
      tables_.push_back(weight);
}

void Artifact::check_sums(bool verify_weights) const {
  for (const schema::Section *entry : *root_->sections()) {
    bool weights = entry->kind() == schema::SectionKind::Weights;
    if (weights && entry->size() >= large_section && !verify_weights)
      continue;
    std::span<const std::byte> bytes = section(*entry);
    file_.will_need(bytes);
    if (uint64_t sum = sum_of_section(bytes); sum != entry->checksum())
      fail(LAPIDARY_BAD_ARTIFACT, path(), ": section '",
           entry->name()->string_view(), "' is damaged: its sum is ", sum,
           ", but the root table says ", entry->checksum());
  }
}

std::span<const std::byte>
Artifact::section(const schema::Section &section) const {
  return bytes_.subspan(section.offset(), section.size());
}

std::span<const std::byte>
Artifact::first_section(schema::SectionKind kind) const {
  for (const schema::Section *entry : *root_->sections())
    if (entry->kind() == kind)
      return section(*entry);
  return {};
}

std::span<const std::byte> Artifact::weights() const {
  return first_section(schema::SectionKind::Weights);
}

void Artifact::expect_reads() const {
  file_.expect_all(weights());
  for (const schema::Weight *table : tables_)
    file_.expect_little(weights().subspan(table->offset(), table->size()));
}

void Artifact::warm(const std::function<void(double)> &progress) const {
  std::vector<std::span<const std::byte>> pieces;
  auto add = [&](uint64_t begin, uint64_t end) {
    for (; begin < end; begin += warm_piece)
      pieces.push_back(
          weights().subspan(begin, std::min(warm_piece, end - begin)));
  };
  uint64_t begin = 0;
  for (const schema::Weight *table : tables_) {
    add(begin, table->offset());
    begin = table->offset() + table->size();
  }
  add(begin, weights().size());
  std::mutex mutex;
  size_t done = 0;
  share(pieces.size(), [&](size_t i) {
    file_.populate(pieces[i]);
    std::lock_guard lock(mutex);
    done++;
    progress(double(done) / pieces.size());
  });
}

void Artifact::read_ahead(std::span<const int32_t> tokens) const {
  bool let_go = looked_up_.fetch_add(tokens.size()) + tokens.size() > kept_rows;
  if (let_go)
    looked_up_ = 0;
  for (const schema::Weight *table : tables_) {
    if (let_go)
      file_.let_go(weights().subspan(table->offset(), table->size()));
    uint64_t row = table->row_bytes(), rows = table->size() / row;
    for (int32_t token : tokens)
      if (uint32_t(token) < rows)
        file_.will_need(weights().subspan(table->offset() + token * row, row));
  }
}

std::vector<const schema::Program *> Artifact::limits() const {
  if (!root_->limits())
    return {};
  return {root_->limits()->begin(), root_->limits()->end()};
}

std::span<const std::byte> Artifact::tokenizer() const {
  return first_section(schema::SectionKind::Tokenizer);
}

const std::byte *Artifact::load_code(const schema::Variant &variant) {
  return file_.make_executable(
      section(*root_->sections()->Get(variant.code())));
}
