//===- memory.cpp - Zeroed, aligned memory --------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/memory.h"
#include "runtime/error.h"

#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

using namespace lapidary;

/// From this size on memory comes as whole pages from the system.
static constexpr size_t mapped_size = size_t(1) << 20;

static size_t round_up(size_t size) {
  return (size + memory_alignment - 1) / memory_alignment * memory_alignment;
}

static void *allocate_small(size_t size) {
  void *data = std::aligned_alloc(memory_alignment, round_up(size));
  return data ? std::memset(data, 0, round_up(size)) : nullptr;
}

static void *allocate_mapped(size_t size) {
  void *data = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED)
    return nullptr;
  // Only a hint: without huge pages everything works, a little slower.
  madvise(data, size, MADV_HUGEPAGE);
  return data;
}

Memory::Memory(size_t size, const char *purpose) : size_(size) {
  if (size == 0)
    return;
  data_ = static_cast<std::byte *>(size < mapped_size ? allocate_small(size)
                                                      : allocate_mapped(size));
  if (!data_)
    fail(LAPIDARY_OUT_OF_MEMORY, "the system has no ", size, " bytes for ",
         purpose);
}

Memory::~Memory() {
  if (!data_)
    return;
  if (size_ < mapped_size)
    std::free(data_);
  else
    munmap(data_, size_);
}
