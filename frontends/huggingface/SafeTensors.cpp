//===- SafeTensors.cpp - A mapped .safetensors file -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/SafeTensors.h"
#include "frontends/huggingface/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

namespace {

struct ElementTypeInfo {
  ElementType type;
  StringLiteral name;
  uint64_t byteSize;
};

/// The first and the past-the-last byte of a tensor, from the end of the
/// header.
struct DataRange {
  uint64_t begin;
  uint64_t end;
};

} // namespace

// In the order of the enumeration.
static constexpr ElementTypeInfo elementTypes[] = {
    {ElementType::Bool, "BOOL", 1},      {ElementType::U8, "U8", 1},
    {ElementType::I8, "I8", 1},          {ElementType::F8E4M3, "F8_E4M3", 1},
    {ElementType::F8E5M2, "F8_E5M2", 1}, {ElementType::I16, "I16", 2},
    {ElementType::U16, "U16", 2},        {ElementType::F16, "F16", 2},
    {ElementType::BF16, "BF16", 2},      {ElementType::I32, "I32", 4},
    {ElementType::U32, "U32", 4},        {ElementType::F32, "F32", 4},
    {ElementType::I64, "I64", 8},        {ElementType::U64, "U64", 8},
    {ElementType::F64, "F64", 8},
};

/// The header's length comes first, in this many bytes.
static constexpr uint64_t lengthBytes = 8;

/// The limit that the format's own library sets.
static constexpr uint64_t maxHeaderBytes = 100'000'000;

StringRef huggingface::getName(ElementType type) {
  return elementTypes[static_cast<size_t>(type)].name;
}

uint64_t huggingface::getByteSize(ElementType type) {
  return elementTypes[static_cast<size_t>(type)].byteSize;
}

std::string huggingface::formatShape(ArrayRef<int64_t> shape) {
  return formatv("[{0:$[, ]}]", make_range(shape.begin(), shape.end()));
}

static Error tensorError(StringRef file, StringRef tensor,
                         const Twine &message) {
  return inputError(file, "tensor '" + tensor + "' " + message);
}

Expected<std::unique_ptr<SafeTensors>> SafeTensors::open(StringRef path) {
  std::unique_ptr<SafeTensors> file(new SafeTensors(path));
  if (Error error = file->map())
    return std::move(error);
  if (Error error = file->readHeader())
    return std::move(error);
  return std::move(file);
}

Error SafeTensors::map() {
  sys::fs::file_status status;
  if (std::error_code error = sys::fs::status(path, status))
    return inputError(path, "cannot be read: " + error.message());
  if (!sys::fs::is_regular_file(status))
    return inputError(path, "expected a regular file");
  if (status.getSize() < lengthBytes)
    return inputError(path, formatv("expected a safetensors file of at least "
                                    "{0} bytes, but it has {1}",
                                    lengthBytes, status.getSize()));
  Expected<sys::fs::file_t> handle = sys::fs::openNativeFileForRead(path);
  if (!handle)
    return inputError(path, "cannot be read: " + toString(handle.takeError()));
  auto close = scope_exit([&] { (void)sys::fs::closeFile(*handle); });
  std::error_code error;
  mapping = sys::fs::mapped_file_region(
      *handle, sys::fs::mapped_file_region::readonly, status.getSize(),
      /*offset=*/0, error);
  if (error)
    return inputError(path, "cannot be mapped: " + error.message());
  return Error::success();
}

Error SafeTensors::readHeader() {
  uint64_t length = support::endian::read64le(mapping.const_data());
  uint64_t available = mapping.size() - lengthBytes;
  if (length > maxHeaderBytes)
    return inputError(path, formatv("header length must be at most {0} bytes, "
                                    "but it is {1}",
                                    maxHeaderBytes, length));
  if (length > available)
    return inputError(path,
                      formatv("header length is {0} bytes, but only {1} follow "
                              "it; the file may be incomplete",
                              length, available));
  Expected<json::Object> parsed = parseJsonObject(
      path, StringRef(mapping.const_data() + lengthBytes, length));
  if (!parsed)
    return parsed.takeError();
  header = std::move(*parsed);

  for (const auto &[name, entry] : header) {
    if (name == "__metadata__")
      continue;
    Expected<Tensor> tensor = readTensor(name, entry, lengthBytes + length);
    if (!tensor)
      return tensor.takeError();
    tensors.push_back(std::move(*tensor));
  }
  return checkLayout(lengthBytes + length);
}

static Expected<ElementType> readElementType(StringRef file, StringRef name,
                                             const json::Object &entry) {
  std::optional<StringRef> text = entry.getString("dtype");
  if (!text)
    return tensorError(file, name, "has no string 'dtype'");
  const auto *info = find_if(elementTypes, [&](const ElementTypeInfo &info) {
    return info.name == *text;
  });
  if (info == std::end(elementTypes))
    return tensorError(file, name, "has the unknown dtype '" + *text + "'");
  return info->type;
}

static Expected<SmallVector<int64_t, 4>>
readShape(StringRef file, StringRef name, const json::Object &entry) {
  const json::Array *array = entry.getArray("shape");
  if (!array)
    return tensorError(file, name, "has no array 'shape'");
  SmallVector<int64_t, 4> shape;
  for (const json::Value &value : *array) {
    std::optional<int64_t> size = value.getAsInteger();
    if (!size || *size < 0)
      return tensorError(file, name,
                         "must have a shape of non-negative integers, but one "
                         "is " +
                             describe(value));
    shape.push_back(*size);
  }
  return shape;
}

static Expected<DataRange> readRange(StringRef file, StringRef name,
                                     const json::Object &entry,
                                     uint64_t dataBytes) {
  const json::Array *array = entry.getArray("data_offsets");
  if (!array || array->size() != 2)
    return tensorError(file, name,
                       "has no array 'data_offsets' of two numbers");
  std::optional<int64_t> begin = (*array)[0].getAsInteger();
  std::optional<int64_t> end = (*array)[1].getAsInteger();
  if (!begin || !end || *begin < 0 || *end < *begin)
    return tensorError(file, name,
                       formatv("must have data_offsets [begin, end] with "
                               "0 <= begin <= end, but they are [{0}, {1}]",
                               describe((*array)[0]), describe((*array)[1])));
  if (uint64_t(*end) > dataBytes)
    return tensorError(file, name,
                       formatv("ends at byte {0} of the data, but the file "
                               "holds only {1}; it may be incomplete",
                               *end, dataBytes));
  return DataRange{uint64_t(*begin), uint64_t(*end)};
}

/// Bytes of a tensor, or nothing if no 64 bits can count them.
static std::optional<uint64_t> countBytes(ElementType type,
                                          ArrayRef<int64_t> shape) {
  uint64_t bytes = getByteSize(type);
  for (int64_t size : shape) {
    bool overflow = false;
    bytes = SaturatingMultiply<uint64_t>(bytes, size, &overflow);
    if (overflow)
      return std::nullopt;
  }
  return bytes;
}

Expected<Tensor> SafeTensors::readTensor(StringRef name,
                                         const json::Value &value,
                                         uint64_t dataStart) const {
  const json::Object *entry = value.getAsObject();
  if (!entry)
    return tensorError(path, name,
                       "must be an object, but it is " + describe(value));
  Expected<ElementType> type = readElementType(path, name, *entry);
  if (!type)
    return type.takeError();
  Expected<SmallVector<int64_t, 4>> shape = readShape(path, name, *entry);
  if (!shape)
    return shape.takeError();
  Expected<DataRange> range =
      readRange(path, name, *entry, mapping.size() - dataStart);
  if (!range)
    return range.takeError();

  std::optional<uint64_t> expected = countBytes(*type, *shape);
  uint64_t found = range->end - range->begin;
  if (!expected)
    return tensorError(path, name,
                       "has the impossible shape " + formatShape(*shape));
  if (*expected != found)
    return tensorError(
        path, name,
        formatv("of type {0} and shape {1} needs {2} bytes, but its "
                "data_offsets span {3}",
                getName(*type), formatShape(*shape), *expected, found));

  uint64_t offset = dataStart + range->begin;
  const auto *data =
      reinterpret_cast<const uint8_t *>(mapping.const_data()) + offset;
  return Tensor{name, *type,  std::move(*shape),
                path, offset, ArrayRef<uint8_t>(data, found)};
}

/// Sorts the tensors by position and checks that they cover the data exactly.
Error SafeTensors::checkLayout(uint64_t dataStart) {
  sort(tensors, [](const Tensor &a, const Tensor &b) {
    return std::tuple(a.fileOffset, a.bytes.size(), a.name) <
           std::tuple(b.fileOffset, b.bytes.size(), b.name);
  });
  uint64_t position = dataStart;
  for (const auto &[index, tensor] : enumerate(tensors)) {
    if (tensor.fileOffset != position)
      return tensorError(path, tensor.name,
                         formatv("must begin at byte {0} of the data, where "
                                 "the one before it ends, but it begins at {1}",
                                 position - dataStart,
                                 tensor.fileOffset - dataStart));
    position += tensor.bytes.size();
    indexByName[tensor.name] = index;
  }
  if (position != mapping.size())
    return inputError(path,
                      formatv("{0} bytes after the last tensor belong to none",
                              mapping.size() - position));
  return Error::success();
}

const Tensor *SafeTensors::find(StringRef name) const {
  auto entry = indexByName.find(name);
  return entry == indexByName.end() ? nullptr : &tensors[entry->second];
}
