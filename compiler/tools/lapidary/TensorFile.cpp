//===- TensorFile.cpp - safetensors in and out ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/TensorFile.h"
#include "compiler/tools/lapidary/Failure.h"

#include <nlohmann/json.hpp>

#include <cstring>

using namespace lapidary::tool;
using nlohmann::json;

static std::string formatShape(const std::vector<uint64_t> &shape) {
  return json(shape).dump();
}

TensorFile::TensorFile(const std::string &path)
    : path(path), bytes(readFile(path)) {
  uint64_t headerSize = 0;
  if (bytes.size() < sizeof(headerSize))
    failInput(path, ": not a safetensors file: it has only ", bytes.size(),
              " bytes");
  std::memcpy(&headerSize, bytes.data(), sizeof(headerSize));
  if (headerSize > bytes.size() - sizeof(headerSize))
    failInput(path,
              ": not a safetensors file: its first bytes announce a "
              "header of ",
              headerSize, " bytes, but ", bytes.size() - sizeof(headerSize),
              " follow");
  dataStart = sizeof(headerSize) + headerSize;
  std::string_view text(bytes.data() + sizeof(headerSize), headerSize);
  try {
    json header = json::parse(text);
    for (const auto &[name, value] : header.items())
      if (name != "__metadata__")
        entries[name] = {value.at("dtype"), value.at("shape"),
                         value.at("data_offsets").at(0),
                         value.at("data_offsets").at(1)};
  } catch (const json::exception &error) {
    failInput(path, ": the safetensors header is wrong: ", error.what());
  }
}

std::optional<IntegerMatrix>
TensorFile::readMatrix(const std::string &name) const {
  auto found = entries.find(name);
  if (found == entries.end())
    return std::nullopt;
  const Entry &entry = found->second;
  auto [type, shape, begin, end] = entry;
  if (type != "I32" && type != "I64")
    failInput(path, ": tensor '", name, "' is of type ", type,
              ", expected I32 or I64");
  if (shape.size() != 2 || shape[0] == 0 || shape[1] == 0)
    failInput(path, ": tensor '", name, "' has the shape ", formatShape(shape),
              ", expected [batch, tokens] with at least one of each");
  uint64_t available = bytes.size() - dataStart;
  uint64_t width = type == "I32" ? 4 : 8;
  // Compared by division: the product of a lying shape may overflow.
  if (begin > end || end > available ||
      (end - begin) / width / shape[0] != shape[1] ||
      (end - begin) % (width * shape[0]) != 0)
    failInput(path, ": tensor '", name, "' with the shape ", formatShape(shape),
              " is said to be in bytes ", begin, " to ", end, " of ",
              available);

  IntegerMatrix matrix{shape[0], shape[1], {}};
  matrix.values.resize(shape[0] * shape[1]);
  const char *data = bytes.data() + dataStart + begin;
  for (size_t i = 0; i < matrix.values.size(); ++i) {
    int32_t narrow;
    if (width == 8) {
      std::memcpy(&matrix.values[i], data + i * width, width);
      continue;
    }
    std::memcpy(&narrow, data + i * width, width);
    matrix.values[i] = narrow;
  }
  return matrix;
}

size_t FloatTensor::getBytes() const {
  size_t bytes = sizeof(float);
  for (size_t extent : shape)
    bytes *= extent;
  return bytes;
}

FloatTensorWriter::FloatTensorWriter(const std::string &path,
                                     const std::vector<FloatTensor> &tensors)
    : file(path) {
  json header;
  size_t size = 0;
  for (const FloatTensor &tensor : tensors) {
    size_t end = size + tensor.getBytes();
    header[tensor.name] = {{"dtype", "F32"},
                           {"shape", tensor.shape},
                           {"data_offsets", {size, end}}};
    size = end;
  }
  std::string text = header.dump();
  // Readers that map the file want the numbers aligned.
  text.resize((text.size() + 8 + 63) / 64 * 64 - 8, ' ');
  uint64_t headerSize = text.size();
  char *bytes = file.map(8 + headerSize + size);
  std::memcpy(bytes, &headerSize, 8);
  std::memcpy(bytes + 8, text.data(), headerSize);
  bytes += 8 + headerSize;
  for (const FloatTensor &tensor : tensors) {
    data.push_back(reinterpret_cast<float *>(bytes));
    bytes += tensor.getBytes();
  }
}
