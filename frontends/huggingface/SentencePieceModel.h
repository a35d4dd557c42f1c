//===- SentencePieceModel.h - Reads tokenizer.model -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEPIECEMODEL_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEPIECEMODEL_H

#include "frontends/huggingface/TokenizerTables.h"

#include <string_view>

namespace lapidary::huggingface {

/// Reads the pieces of a serialized SentencePiece `ModelProto`. Fails with a
/// message in `error` when `bytes` are damaged, or ask for something that the
/// runtime does not do: another algorithm than byte-pair encoding, or changes
/// of the text before it.
std::optional<std::vector<Piece>> readSentencePieceModel(std::string_view bytes,
                                                         std::string &error);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEPIECEMODEL_H
