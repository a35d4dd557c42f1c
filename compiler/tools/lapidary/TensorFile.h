//===- TensorFile.h - safetensors in and out --------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As much of the format as token ids and logits need.
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_TENSORFILE_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_TENSORFILE_H

#include "compiler/tools/lapidary/Files.h"

#include <map>
#include <optional>
#include <vector>

namespace lapidary::tool {

/// A matrix of whole numbers.
struct IntegerMatrix {
  size_t rows = 0, columns = 0;
  std::vector<int64_t> values;
};

/// A safetensors file that was read whole and checked.
class TensorFile {
public:
  /// Throws a Failure that names `path` when it is not a safetensors file.
  explicit TensorFile(const std::string &path);

  /// The tensor `name`, which must be a matrix of int32 or int64. Nothing if
  /// there is none.
  std::optional<IntegerMatrix> readMatrix(const std::string &name) const;

private:
  struct Entry {
    std::string type;
    std::vector<uint64_t> shape;
    uint64_t begin, end;
  };

  std::string path, bytes;
  size_t dataStart = 0;
  std::map<std::string, Entry> entries;
};

/// A float32 tensor to be written.
struct FloatTensor {
  std::string name;
  std::vector<size_t> shape;

  size_t getBytes() const;
};

/// A safetensors file in the making that holds float32 tensors, zero where
/// nothing is written. It appears when it is committed.
class FloatTensorWriter {
public:
  FloatTensorWriter(const std::string &path,
                    const std::vector<FloatTensor> &tensors);
  /// The elements of tensor `index`, row by row.
  float *getData(size_t index) { return data[index]; }
  void commit() { file.commit(); }

private:
  NewFile file;
  std::vector<float *> data;
};

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_TENSORFILE_H
