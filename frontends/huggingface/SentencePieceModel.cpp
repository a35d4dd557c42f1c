//===- SentencePieceModel.cpp - Reads tokenizer.model ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The few fields of sentencepiece_model.proto that say how to encode, read
// straight from the wire format.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/SentencePieceModel.h"

#include <bit>

using namespace lapidary;
using namespace lapidary::huggingface;
using schema::PieceKind;

namespace {

enum class WireType { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

struct Field {
  uint64_t number;
  WireType type;
  /// The number, unless `type` is Bytes.
  uint64_t value;
  std::string_view bytes;
};

/// Walks over the fields of one protobuf message.
class WireReader {
public:
  explicit WireReader(std::string_view message) : rest(message) {}

  /// Reads the next field; false at the end and when the message is damaged.
  bool next(Field &field) {
    if (rest.empty() || damaged)
      return false;
    damaged = !readField(field);
    return !damaged;
  }

  bool isDamaged() const { return damaged; }

private:
  bool readField(Field &field) {
    uint64_t tag;
    if (!readVarint(tag))
      return false;
    field = {tag >> 3, WireType(tag & 7), 0, {}};
    switch (field.type) {
    case WireType::Varint:
      return readVarint(field.value);
    case WireType::Fixed64:
      return readFixed(8, field.value);
    case WireType::Fixed32:
      return readFixed(4, field.value);
    case WireType::Bytes:
      return readBytes(field.bytes);
    }
    return false;
  }

  bool readVarint(uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
      uint8_t byte = uint8_t(rest.front());
      rest.remove_prefix(1);
      value |= uint64_t(byte & 0x7F) << shift;
      if (byte < 0x80)
        return true;
    }
    return false;
  }

  bool readFixed(size_t size, uint64_t &value) {
    if (rest.size() < size)
      return false;
    value = 0;
    for (size_t i = 0; i < size; ++i)
      value |= uint64_t(uint8_t(rest[i])) << (8 * i);
    rest.remove_prefix(size);
    return true;
  }

  bool readBytes(std::string_view &bytes) {
    uint64_t size;
    if (!readVarint(size) || size > rest.size())
      return false;
    bytes = rest.substr(0, size);
    rest.remove_prefix(size);
    return true;
  }

  std::string_view rest;
  bool damaged = false;
};

/// Reads one `ModelProto`; the defaults are those of the .proto file.
class ModelReader {
public:
  explicit ModelReader(std::string &error) : error(error) {}

  bool read(std::string_view bytes);
  std::vector<Piece> takePieces() { return std::move(pieces); }

private:
  bool readPiece(std::string_view bytes);
  bool setKind(Piece &piece, uint64_t type);
  bool readTrainer(std::string_view bytes);
  bool readNormalizer(std::string_view bytes);
  bool checkSettings();
  bool expect(bool holds, const char *message);
  bool fail(std::string message);

  /// TrainerSpec.model_type of byte-pair encoding.
  static constexpr uint64_t bytePairEncoding = 2;

  std::string &error;
  std::vector<Piece> pieces;
  uint64_t modelType = 1;
  bool byteFallback = false;
  bool spaceAsSuffix = false;
  bool hasNormalizationRules = false;
  bool addDummyPrefix = true;
  bool removeExtraSpaces = true;
  bool escapeSpaces = true;
};

} // namespace

bool ModelReader::fail(std::string message) {
  error = std::move(message);
  return false;
}

bool ModelReader::expect(bool holds, const char *message) {
  return holds || fail(message);
}

bool ModelReader::read(std::string_view bytes) {
  WireReader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.type != WireType::Bytes)
      continue;
    if (field.number == 1 && !readPiece(field.bytes))
      return false;
    if (field.number == 2 && !readTrainer(field.bytes))
      return false;
    if (field.number == 3 && !readNormalizer(field.bytes))
      return false;
  }
  if (reader.isDamaged() || pieces.empty())
    return fail("not a SentencePiece model, or damaged after piece " +
                std::to_string(pieces.size()));
  return checkSettings();
}

bool ModelReader::readPiece(std::string_view bytes) {
  Piece piece;
  uint64_t type = 1;
  WireReader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number == 1 && field.type == WireType::Bytes)
      piece.text = field.bytes;
    else if (field.number == 2 && field.type == WireType::Fixed32)
      piece.score = std::bit_cast<float>(uint32_t(field.value));
    else if (field.number == 3 && field.type == WireType::Varint)
      type = field.value;
  }
  std::string name = "piece " + std::to_string(pieces.size());
  if (reader.isDamaged())
    return fail(name + " is damaged");
  if (piece.text.empty())
    return fail(name + " has no text");
  if (!setKind(piece, type))
    return false;
  pieces.push_back(std::move(piece));
  return true;
}

bool ModelReader::setKind(Piece &piece, uint64_t type) {
  static constexpr PieceKind kinds[] = {
      PieceKind::Normal,      PieceKind::Unknown, PieceKind::Control,
      PieceKind::UserDefined, PieceKind::Unused,  PieceKind::Byte};
  if (type < 1 || type > std::size(kinds))
    return fail("piece " + std::to_string(pieces.size()) + " has type " +
                std::to_string(type) + ", expected 1 to 6");
  piece.kind = kinds[type - 1];
  return true;
}

bool ModelReader::readTrainer(std::string_view bytes) {
  WireReader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.type != WireType::Varint)
      continue;
    if (field.number == 3)
      modelType = field.value;
    else if (field.number == 24)
      spaceAsSuffix = field.value != 0;
    else if (field.number == 35)
      byteFallback = field.value != 0;
  }
  return expect(!reader.isDamaged(), "trainer_spec is damaged");
}

bool ModelReader::readNormalizer(std::string_view bytes) {
  WireReader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number == 2 && field.type == WireType::Bytes)
      hasNormalizationRules = !field.bytes.empty();
    if (field.type != WireType::Varint)
      continue;
    if (field.number == 3)
      addDummyPrefix = field.value != 0;
    else if (field.number == 4)
      removeExtraSpaces = field.value != 0;
    else if (field.number == 5)
      escapeSpaces = field.value != 0;
  }
  return expect(!reader.isDamaged(), "normalizer_spec is damaged");
}

bool ModelReader::checkSettings() {
  if (modelType != bytePairEncoding)
    return fail("trainer_spec.model_type is " + std::to_string(modelType) +
                ", but only 2 (byte-pair encoding) is supported");
  return expect(byteFallback, "trainer_spec.byte_fallback is false, but only "
                              "true is supported") &&
         expect(!spaceAsSuffix, "trainer_spec.treat_whitespace_as_suffix is "
                                "true, but only false is supported") &&
         expect(!hasNormalizationRules,
                "normalizer_spec.precompiled_charsmap is not empty, but only "
                "the identity is supported") &&
         expect(!addDummyPrefix, "normalizer_spec.add_dummy_prefix is true, "
                                 "but only false is supported") &&
         expect(!removeExtraSpaces,
                "normalizer_spec.remove_extra_whitespaces is true, but only "
                "false is supported") &&
         expect(escapeSpaces, "normalizer_spec.escape_whitespaces is false, "
                              "but only true is supported");
}

std::optional<std::vector<Piece>>
huggingface::readSentencePieceModel(std::string_view bytes,
                                    std::string &error) {
  ModelReader reader(error);
  if (!reader.read(bytes))
    return std::nullopt;
  return reader.takePieces();
}
