//===- CodeCache.cpp - Code of kernels compiled before ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/CodeCache.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Chrono.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace lapidary;
using namespace llvm;
namespace fs = llvm::sys::fs;

static constexpr StringLiteral kSuffix = ".kernel";

namespace {
/// What a file begins with; bytes of scratch memory and the object follow.
struct Header {
  char magic[8] = {'L', 'A', 'P', 'K', 'E', 'R', 'N', '1'};
  /// Of all that follows.
  uint64_t sum = 0;
};
} // namespace

/// The size and time of this program's file, and LLVM's version.
static std::string describeProgram() {
  static int anchor;
  std::string path = fs::getMainExecutable(nullptr, &anchor);
  fs::file_status status;
  if (fs::status(path, status))
    return "";
  return formatv("{0} {1} {2} {3}\n", path, status.getSize(),
                 status.getLastModificationTime().time_since_epoch().count(),
                 LLVM_VERSION_STRING);
}

CodeCache::CodeCache(StringRef directory, uint64_t maxBytes)
    : directory(directory), maxBytes(maxBytes), program(describeProgram()) {
  // A program that cannot tell itself from others must not use their code.
  if (program.empty())
    this->directory.clear();
}

std::string CodeCache::pathOf(StringRef text) const {
  XXH128_hash_t hash =
      xxh3_128bits(arrayRefFromStringRef(program + text.str()));
  return formatv("{0}/{1:x-16}{2:x-16}{3}", directory, hash.high64, hash.low64,
                 kSuffix);
}

/// Notes that the file is in use.
static void touch(StringRef path) {
  int descriptor;
  if (fs::openFileForReadWrite(path, descriptor, fs::CD_OpenExisting,
                               fs::OF_None))
    return;
  (void)fs::setLastAccessAndModificationTime(descriptor,
                                             std::chrono::system_clock::now());
  (void)sys::Process::SafelyCloseFileDescriptor(descriptor);
}

std::optional<KernelCode> CodeCache::find(StringRef text) const {
  if (directory.empty())
    return std::nullopt;
  std::string path = pathOf(text);
  auto file = MemoryBuffer::getFile(path, /*IsText=*/false,
                                    /*RequiresNullTerminator=*/false);
  Header header;
  KernelCode code;
  constexpr size_t kBefore = sizeof(header) + sizeof(code.scratchBytes);
  if (!file || (*file)->getBufferSize() < kBefore)
    return std::nullopt;
  StringRef bytes = (*file)->getBuffer();
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (StringRef(header.magic, 8) != StringRef(Header().magic, 8) ||
      header.sum != xxh3_64bits(bytes.drop_front(sizeof(header))))
    return std::nullopt;
  std::memcpy(&code.scratchBytes, bytes.data() + sizeof(header),
              sizeof(code.scratchBytes));
  code.object = bytes.drop_front(kBefore);
  touch(path);
  return code;
}

void CodeCache::keep(StringRef text, const KernelCode &code) {
  if (directory.empty() || fs::create_directories(directory))
    return;
  std::string bytes(reinterpret_cast<const char *>(&code.scratchBytes),
                    sizeof(code.scratchBytes));
  bytes += code.object;
  Header header;
  header.sum = xxh3_64bits(bytes);
  // Beside its name and renamed, so that nobody sees half of it.
  auto file = fs::TempFile::create(directory + "/%%%%%%%%.new");
  if (!file)
    return consumeError(file.takeError());
  raw_fd_ostream out(file->FD, /*shouldClose=*/false);
  out.write(reinterpret_cast<const char *>(&header), sizeof(header)) << bytes;
  out.flush();
  bool written = !out.has_error();
  out.clear_error();
  consumeError(written ? file->keep(pathOf(text)) : file->discard());
  kept = true;
}

CodeCache::~CodeCache() {
  if (!kept)
    return;
  struct Entry {
    sys::TimePoint<> used;
    uint64_t bytes;
    std::string path;
  };
  std::vector<Entry> entries;
  uint64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; it != end && !error;
       it.increment(error)) {
    auto status = it->status();
    if (!status || !StringRef(it->path()).ends_with(kSuffix))
      continue;
    entries.push_back(
        {status->getLastModificationTime(), status->getSize(), it->path()});
    bytes += status->getSize();
  }
  llvm::sort(entries,
             [](const Entry &a, const Entry &b) { return a.used < b.used; });
  for (const Entry &entry : entries) {
    if (bytes <= maxBytes)
      return;
    bytes -= entry.bytes;
    (void)fs::remove(entry.path);
  }
}
