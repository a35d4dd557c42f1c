//===- SafeTensors.h - A mapped .safetensors file ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Eight bytes of header length, a JSON header, then the tensors' bytes without
// holes. The whole file is mapped and only the header is read, so opening
// costs the same for one megabyte and for fifty gigabytes of weights.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_SAFETENSORS_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_SAFETENSORS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include <memory>
#include <string>

namespace lapidary::huggingface {

/// Element types that a safetensors header may name.
enum class ElementType {
  Bool,
  U8,
  I8,
  F8E4M3,
  F8E5M2,
  I16,
  U16,
  F16,
  BF16,
  I32,
  U32,
  F32,
  I64,
  U64,
  F64,
};

/// The name that a safetensors header uses for `type`, for example "BF16".
llvm::StringRef getName(ElementType type);

/// Bytes of one element of `type`.
uint64_t getByteSize(ElementType type);

/// One tensor of a mapped file. The file outlives it.
struct Tensor {
  llvm::StringRef name;
  ElementType type;
  llvm::SmallVector<int64_t, 4> shape;
  /// The path of the file as it was given to `SafeTensors::open`.
  llvm::StringRef file;
  /// Position of the first byte from the start of the file, of any alignment.
  uint64_t fileOffset;
  /// The elements, row by row, little-endian.
  llvm::ArrayRef<uint8_t> bytes;
};

/// `shape` as messages show it: "[96, 64]".
std::string formatShape(llvm::ArrayRef<int64_t> shape);

/// A .safetensors file, mapped read-only for as long as this object lives.
class SafeTensors {
public:
  /// Maps the file at `path` and checks its whole header: every tensor that is
  /// handed out lies inside the file and has the size that its type and shape
  /// call for.
  static llvm::Expected<std::unique_ptr<SafeTensors>>
  open(llvm::StringRef path);

  SafeTensors(const SafeTensors &) = delete;
  SafeTensors &operator=(const SafeTensors &) = delete;

  llvm::StringRef getPath() const { return path; }

  /// All tensors, in the order of their bytes.
  llvm::ArrayRef<Tensor> getTensors() const { return tensors; }

  /// The tensor called `name`, or null.
  const Tensor *find(llvm::StringRef name) const;

private:
  explicit SafeTensors(llvm::StringRef path) : path(path) {}

  llvm::Error map();
  llvm::Error readHeader();
  llvm::Expected<Tensor> readTensor(llvm::StringRef name,
                                    const llvm::json::Value &entry,
                                    uint64_t dataStart) const;
  llvm::Error checkLayout(uint64_t dataStart);

  std::string path;
  llvm::sys::fs::mapped_file_region mapping;
  llvm::json::Object header;
  std::vector<Tensor> tensors;
  llvm::StringMap<size_t> indexByName;
};

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_SAFETENSORS_H
