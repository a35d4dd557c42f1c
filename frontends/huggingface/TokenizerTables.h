//===- TokenizerTables.h - A vocabulary as the runtime maps it --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one form in which all tokenizer files arrive, and the writer of the
// `Tokenizer` FlatBuffer. Plain C++, so that programs without LLVM can use it.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_TOKENIZERTABLES_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_TOKENIZERTABLES_H

#include "runtime/schema/artifact_generated.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lapidary::huggingface {

/// More than any vocabulary has, and few enough to be no burden.
constexpr size_t maxPieces = size_t(1) << 20;

/// One entry of a vocabulary.
struct Piece {
  /// UTF-8 with U+2581 for spaces; empty in ids that stand for nothing.
  std::string text;
  /// Pieces with higher scores are merged first.
  float score = 0;
  schema::PieceKind kind = schema::PieceKind::Normal;
};

/// A vocabulary; ids are positions in `pieces`.
struct Vocabulary {
  std::vector<Piece> pieces;
  /// Whether a text to be continued gets `<bos>` put in front.
  bool addBos = true;
  /// Whether a text that stands alone gets `<eos>` put behind.
  bool addEos = false;
};

/// Returns the `Tokenizer` FlatBuffer of `vocabulary`. Fails with a message in
/// `error` when two pieces are equal, a byte piece is missing, or it is too
/// large.
std::optional<std::vector<uint8_t>>
buildTokenizerTables(const Vocabulary &vocabulary, std::string &error);

/// Whether `piece` is matched as a whole instead of being merged.
bool isSymbol(const Piece &piece);

/// The spelling of the piece for `byte`: `<0x0A>`.
std::string getBytePieceText(uint8_t byte);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_TOKENIZERTABLES_H
