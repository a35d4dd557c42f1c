//===- Tokenizer.cpp - The tokenizer of a checkpoint ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Tokenizer.h"
#include "frontends/huggingface/Fields.h"
#include "frontends/huggingface/Json.h"
#include "frontends/huggingface/SentencePieceModel.h"
#include "frontends/huggingface/TokenizerJson.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;
using schema::PieceKind;

/// The path of `name` in `directory` if there is such a file.
static std::optional<std::string> findFile(StringRef directory,
                                           StringRef name) {
  SmallString<128> path(directory);
  sys::path::append(path, name);
  if (!sys::fs::exists(path))
    return std::nullopt;
  return path.str().str();
}

static Expected<Vocabulary> readModelFile(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFile(path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return inputError(path, "cannot be read: " + buffer.getError().message());
  std::string error;
  std::optional<std::vector<Piece>> pieces =
      readSentencePieceModel((*buffer)->getBuffer(), error);
  if (!pieces)
    return inputError(path, error);
  for (auto [id, piece] : enumerate(*pieces))
    if (!json::isUTF8(piece.text))
      return inputError(path, formatv("piece {0} is not UTF-8", id));
  return Vocabulary{std::move(*pieces)};
}

static Expected<Vocabulary> readVocabularyFile(StringRef path) {
  if (!path.ends_with(".json"))
    return readModelFile(path);
  Expected<json::Object> object = readJsonFile(path);
  if (!object)
    return object.takeError();
  return readTokenizerJson(path, *object);
}

namespace {

/// What is known of a tokenizer besides its pieces.
struct Known {
  bool symbols;
  bool eos;
};

} // namespace

/// Takes from the tokenizer_config.json at `path` what it says, and notes that.
static Error readConfig(StringRef path, Known &known, Vocabulary &vocabulary) {
  Expected<json::Object> object = readJsonFile(path);
  if (!object)
    return object.takeError();
  FieldErrors errors(path);
  Fields fields(errors, *object);
  vocabulary.addBos = fields.getBoolean("add_bos_token", vocabulary.addBos);
  vocabulary.addEos = fields.getBoolean("add_eos_token", vocabulary.addEos);
  known.eos |= fields.has("add_eos_token");
  if (Error error = errors.take())
    return error;
  Expected<std::vector<AddedToken>> tokens =
      readAddedTokensDecoder(path, *object);
  if (!tokens)
    return tokens.takeError();
  known.symbols |= !tokens->empty();
  return addTokens(path, *tokens, vocabulary);
}

/// Takes from the tokenizer.json at `path` what is not known yet.
static Error readRest(StringRef path, Known known, Vocabulary &vocabulary) {
  Expected<json::Object> object = readJsonFile(path);
  if (!object)
    return object.takeError();
  if (!known.eos)
    vocabulary.addEos = addsEos(*object);
  if (known.symbols)
    return Error::success();
  Expected<std::vector<AddedToken>> tokens = readAddedTokens(path, *object);
  if (!tokens)
    return tokens.takeError();
  return addTokens(path, *tokens, vocabulary);
}

/// Leaves out symbols that the model has no embedding row for.
static Error fitToRows(StringRef path, int64_t rows, Vocabulary &vocabulary) {
  std::vector<Piece> &pieces = vocabulary.pieces;
  while (int64_t(pieces.size()) > rows &&
         (isSymbol(pieces.back()) || pieces.back().kind == PieceKind::Unused))
    pieces.pop_back();
  if (int64_t(pieces.size()) <= rows)
    return Error::success();
  return inputError(path, formatv("it has {0} pieces, but 'vocab_size' in "
                                  "config.json is {1}",
                                  pieces.size(), rows));
}

static Expected<std::vector<uint8_t>>
buildTables(StringRef path, const Vocabulary &vocabulary) {
  std::string error;
  std::optional<std::vector<uint8_t>> tables =
      buildTokenizerTables(vocabulary, error);
  if (!tables)
    return inputError(path, error);
  return std::move(*tables);
}

Expected<std::vector<uint8_t>> huggingface::readTokenizer(StringRef directory,
                                                          int64_t rows) {
  std::optional<std::string> model = findFile(directory, "tokenizer.model");
  std::optional<std::string> json = findFile(directory, "tokenizer.json");
  if (!model && !json)
    return std::vector<uint8_t>();
  std::string path = model ? *model : *json;
  Expected<Vocabulary> vocabulary = readVocabularyFile(path);
  if (!vocabulary)
    return vocabulary.takeError();
  Known known = {/*symbols=*/!model, /*eos=*/!model};
  if (auto config = findFile(directory, "tokenizer_config.json"))
    if (Error error = readConfig(*config, known, *vocabulary))
      return std::move(error);
  if (json && !(known.symbols && known.eos))
    if (Error error = readRest(*json, known, *vocabulary))
      return std::move(error);
  if (Error error = fitToRows(path, rows, *vocabulary))
    return std::move(error);
  return buildTables(path, *vocabulary);
}

Expected<std::vector<uint8_t>> huggingface::readTokenizerFile(StringRef path) {
  Expected<Vocabulary> vocabulary = readVocabularyFile(path);
  if (!vocabulary)
    return vocabulary.takeError();
  return buildTables(path, *vocabulary);
}
