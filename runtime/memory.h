//===- memory.h - Zeroed, aligned memory ------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_MEMORY_H
#define LAPIDARY_RUNTIME_MEMORY_H

#include <cstddef>
#include <utility>

namespace lapidary {

/// Kernels may rely on this alignment of arenas, scratch and pages.
constexpr size_t memory_alignment = 64;

/// Owns bytes that begin as zero, at a multiple of 64 or better; large ones ask
/// the system for huge pages.
class Memory {
public:
  Memory() = default;
  /// Fails with LAPIDARY_OUT_OF_MEMORY; `purpose` names the bytes in the
  /// message.
  Memory(size_t size, const char *purpose);
  Memory(Memory &&other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Memory &operator=(Memory &&other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Memory();

  std::byte *data() const { return data_; }
  size_t size() const { return size_; }

private:
  std::byte *data_ = nullptr;
  size_t size_ = 0;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_MEMORY_H
