//===- TokenizerJson.h - Reads tokenizer.json -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_TOKENIZERJSON_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_TOKENIZERJSON_H

#include "frontends/huggingface/TokenizerTables.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace lapidary::huggingface {

/// A symbol that a checkpoint adds to its vocabulary, or names in it. Its flag
/// `special` is not read: checkpoints set it for plain text as well, and the
/// runtime tells the two apart by the spelling.
struct AddedToken {
  int64_t id;
  std::string text;
};

/// Reads the vocabulary of the tokenizer.json `object`, which is the file at
/// `path`. Merges become scores: SentencePiece ranks pieces where this format
/// ranks pairs, and the two agree wherever all ways to make one piece stand
/// together in the list, as in every converted model. Fails when the file asks
/// for something that the runtime does not do.
llvm::Expected<Vocabulary> readTokenizerJson(llvm::StringRef path,
                                             const llvm::json::Object &object);

/// Whether the post-processor of a tokenizer.json puts a token behind a text.
bool addsEos(const llvm::json::Object &object);

/// Reads `added_tokens` of a tokenizer.json, in the order of the file.
llvm::Expected<std::vector<AddedToken>>
readAddedTokens(llvm::StringRef path, const llvm::json::Object &object);

/// Reads `added_tokens_decoder` of a tokenizer_config.json, by ascending id.
llvm::Expected<std::vector<AddedToken>>
readAddedTokensDecoder(llvm::StringRef path, const llvm::json::Object &object);

/// Makes `tokens`, which the file at `path` lists, symbols of `vocabulary`. A
/// token may extend it, or rename one of its symbols, but no ordinary piece.
llvm::Error addTokens(llvm::StringRef path, llvm::ArrayRef<AddedToken> tokens,
                      Vocabulary &vocabulary);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_TOKENIZERJSON_H
