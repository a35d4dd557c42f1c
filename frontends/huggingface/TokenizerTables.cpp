//===- TokenizerTables.cpp - A vocabulary as the runtime maps it ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/TokenizerTables.h"

#include <algorithm>
#include <bit>
#include <cmath>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace lapidary;
using namespace lapidary::huggingface;
using schema::PieceKind;

namespace {

/// Open addressing with linear probing, as the runtime searches it.
class HashTable {
public:
  explicit HashTable(const std::vector<Piece> &pieces)
      : pieces(pieces), slots(getCapacity(pieces.size()), -1) {}

  /// Returns the id of an equal piece that is in the table already, or -1.
  int32_t insert(int32_t id) {
    int32_t &slot = findSlot(pieces[id].text);
    if (slot >= 0)
      return slot;
    slot = id;
    return -1;
  }

  /// The id of the piece `text`, or -1.
  int32_t lookup(const std::string &text) { return findSlot(text); }

  const std::vector<int32_t> &getSlots() const { return slots; }

private:
  /// At most two thirds of the places are taken.
  static size_t getCapacity(size_t count) {
    return std::bit_ceil(count + count / 2 + 1);
  }

  int32_t &findSlot(const std::string &text) {
    uint64_t mask = slots.size() - 1;
    for (uint64_t i = XXH3_64bits(text.data(), text.size());; ++i) {
      int32_t &slot = slots[i & mask];
      if (slot < 0 || pieces[slot].text == text)
        return slot;
    }
  }

  const std::vector<Piece> &pieces;
  std::vector<int32_t> slots;
};

} // namespace

/// Far below what 32-bit offsets can tell apart.
static constexpr size_t maxTextBytes = size_t(1) << 30;

bool huggingface::isSymbol(const Piece &piece) {
  return piece.kind == PieceKind::Control || piece.kind == PieceKind::Unknown ||
         piece.kind == PieceKind::UserDefined;
}

static bool checkSizes(const std::vector<Piece> &pieces, std::string &error) {
  size_t textBytes = 0;
  for (const Piece &piece : pieces)
    textBytes += piece.text.size();
  if (pieces.size() <= maxPieces && textBytes <= maxTextBytes)
    return true;
  error = "has " + std::to_string(pieces.size()) + " pieces of together " +
          std::to_string(textBytes) + " bytes, more than a tokenizer can hold";
  return false;
}

static bool fillHashTable(const std::vector<Piece> &pieces, HashTable &table,
                          std::string &error) {
  for (size_t id = 0; id < pieces.size(); ++id) {
    const Piece &piece = pieces[id];
    if (std::isnan(piece.score)) {
      error = "piece " + std::to_string(id) + " has a score that is no number";
      return false;
    }
    int32_t other = piece.text.empty() ? -1 : table.insert(int32_t(id));
    if (other >= 0) {
      error = "pieces " + std::to_string(other) + " and " + std::to_string(id) +
              " are both '" + piece.text + "'";
      return false;
    }
  }
  return true;
}

static bool checkBytePieces(const std::vector<Piece> &pieces, HashTable &table,
                            std::string &error) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::string text = getBytePieceText(uint8_t(byte));
    int32_t id = table.lookup(text);
    if (id < 0 || pieces[id].kind != PieceKind::Byte) {
      error = "expected a byte piece '" + text + "', but found " +
              (id < 0 ? "none" : "a piece of another type");
      return false;
    }
  }
  return true;
}

static std::vector<uint32_t>
getSortedSymbols(const std::vector<Piece> &pieces) {
  std::vector<uint32_t> symbols;
  for (size_t id = 0; id < pieces.size(); ++id)
    if (isSymbol(pieces[id]) && !pieces[id].text.empty())
      symbols.push_back(uint32_t(id));
  std::sort(symbols.begin(), symbols.end(), [&](uint32_t a, uint32_t b) {
    return pieces[a].text < pieces[b].text;
  });
  return symbols;
}

static std::vector<uint8_t> writeTables(const Vocabulary &vocabulary,
                                        const HashTable &table) {
  std::vector<uint8_t> text;
  std::vector<uint32_t> offsets = {0};
  std::vector<PieceKind> kinds;
  std::vector<float> scores;
  for (const Piece &piece : vocabulary.pieces) {
    text.insert(text.end(), piece.text.begin(), piece.text.end());
    offsets.push_back(uint32_t(text.size()));
    kinds.push_back(piece.kind);
    scores.push_back(piece.score);
  }
  std::vector<uint32_t> symbols = getSortedSymbols(vocabulary.pieces);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::CreateTokenizerDirect(builder, &text, &offsets, &kinds,
                                               &scores, &table.getSlots(),
                                               vocabulary.addBos, &symbols,
                                               vocabulary.addEos),
                 "LAPT");
  return {builder.GetBufferPointer(),
          builder.GetBufferPointer() + builder.GetSize()};
}

std::optional<std::vector<uint8_t>>
huggingface::buildTokenizerTables(const Vocabulary &vocabulary,
                                  std::string &error) {
  if (!checkSizes(vocabulary.pieces, error))
    return std::nullopt;
  HashTable table(vocabulary.pieces);
  if (!fillHashTable(vocabulary.pieces, table, error) ||
      !checkBytePieces(vocabulary.pieces, table, error))
    return std::nullopt;
  return writeTables(vocabulary, table);
}

std::string huggingface::getBytePieceText(uint8_t byte) {
  static constexpr char digits[] = "0123456789ABCDEF";
  return {'<', '0', 'x', digits[byte >> 4], digits[byte & 15], '>'};
}
