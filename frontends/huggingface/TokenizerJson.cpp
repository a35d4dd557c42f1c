//===- TokenizerJson.cpp - Reads tokenizer.json -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/TokenizerJson.h"
#include "frontends/huggingface/Fields.h"
#include "frontends/huggingface/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;
using schema::PieceKind;

static constexpr StringLiteral spaceMark = "\xE2\x96\x81";
static constexpr IntegerRange pieceIds = {0, int64_t(maxPieces) - 1};

//===----------------------------------------------------------------------===//
// Settings
//===----------------------------------------------------------------------===//

/// The string that `step`, a normalizer or pre-tokenizer, looks for.
static std::optional<StringRef> getPattern(const json::Object &step) {
  const json::Object *pattern = step.getObject("pattern");
  return pattern ? pattern->getString("String") : std::nullopt;
}

static bool replacesSpaces(const json::Object *normalizer) {
  return normalizer && normalizer->getString("type") == "Replace" &&
         getPattern(*normalizer) == " " &&
         normalizer->getString("content") == StringRef(spaceMark);
}

/// Whether `value` leaves the text whole. The normalizer has replaced all
/// spaces before, so a split at spaces does.
static bool splitsNothing(const json::Value *value) {
  if (!value || value->kind() == json::Value::Null)
    return true;
  const json::Object *step = value->getAsObject();
  return step && step->getString("type") == "Split" && getPattern(*step) == " ";
}

static void checkSettings(const json::Object &object, const Fields &file,
                          const Fields &model) {
  if (model.getString("type") != "BPE")
    model.reject("type", "'BPE'");
  if (!model.getBoolean("byte_fallback", false))
    model.reject("byte_fallback", "true");
  if (model.getBoolean("ignore_merges", false))
    model.reject("ignore_merges", "false");
  for (StringRef affix : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (!model.getString(affix, "").empty())
      model.reject(affix, "empty");
  if (!replacesSpaces(object.getObject("normalizer")))
    file.reject("normalizer", "a replacement of ' ' by '" + spaceMark + "'");
  if (!splitsNothing(object.get("pre_tokenizer")))
    file.reject("pre_tokenizer", "absent or a split at ' '");
}

/// What the post-processor makes of a single text: the text itself, and tokens
/// before and behind it.
static ArrayRef<json::Value> getParts(const json::Object &object) {
  const json::Object *processor = object.getObject("post_processor");
  const json::Array *parts =
      processor ? processor->getArray("single") : nullptr;
  if (!parts)
    return {};
  return {parts->data(), parts->size()};
}

static bool isToken(const json::Value &part) {
  const json::Object *object = part.getAsObject();
  return object && object->get("SpecialToken");
}

static bool addsBos(const json::Object &object) {
  ArrayRef<json::Value> parts = getParts(object);
  return !parts.empty() && isToken(parts.front());
}

bool huggingface::addsEos(const json::Object &object) {
  ArrayRef<json::Value> parts = getParts(object);
  return !parts.empty() && isToken(parts.back());
}

//===----------------------------------------------------------------------===//
// Vocabulary and merges
//===----------------------------------------------------------------------===//

namespace {

/// Reads `model.vocab` and `model.merges`.
class ModelReader {
public:
  explicit ModelReader(StringRef path) : path(path) {}

  Expected<std::vector<Piece>> read(const json::Object &model);

private:
  Error readVocab(const json::Object &vocab);
  Error addPiece(StringRef text, const json::Value &id);
  Error readMerges(const json::Array &merges);
  Expected<std::string> joinPair(size_t index, const json::Value &pair) const;
  void setUnmergedKinds();

  Error fail(const Twine &message) const { return inputError(path, message); }

  StringRef path;
  std::vector<Piece> pieces;
  StringMap<int32_t> ids;
  /// Pieces that some merge makes.
  std::vector<bool> merged;
};

} // namespace

Expected<std::vector<Piece>> ModelReader::read(const json::Object &model) {
  const json::Object *vocab = model.getObject("vocab");
  if (!vocab)
    return fail("field 'model.vocab' must be an object");
  const json::Array *merges = model.getArray("merges");
  if (!merges)
    return fail("field 'model.merges' must be an array");
  if (Error error = readVocab(*vocab))
    return std::move(error);
  if (Error error = readMerges(*merges))
    return std::move(error);
  setUnmergedKinds();
  return std::move(pieces);
}

Error ModelReader::readVocab(const json::Object &vocab) {
  for (const auto &[text, id] : vocab)
    if (Error error = addPiece(text, id))
      return error;
  for (auto [id, piece] : enumerate(pieces))
    if (piece.text.empty())
      piece.kind = PieceKind::Unused;
  for (unsigned byte = 0; byte < 256; ++byte)
    if (auto entry = ids.find(getBytePieceText(uint8_t(byte)));
        entry != ids.end())
      pieces[entry->second].kind = PieceKind::Byte;
  merged.resize(pieces.size());
  return Error::success();
}

Error ModelReader::addPiece(StringRef text, const json::Value &value) {
  std::optional<int64_t> id = value.getAsInteger();
  if (!id || *id < pieceIds.min || *id > pieceIds.max)
    return fail(formatv("field 'model.vocab' must give '{0}' an id from {1} to "
                        "{2}, but it is {3}",
                        text, pieceIds.min, pieceIds.max, describe(value)));
  if (text.empty())
    return fail("field 'model.vocab' has an empty piece");
  if (size_t(*id) >= pieces.size())
    pieces.resize(*id + 1);
  if (!pieces[*id].text.empty())
    return fail(formatv("field 'model.vocab' gives id {0} to two pieces", *id));
  pieces[*id].text = text.str();
  ids[text] = int32_t(*id);
  return Error::success();
}

Error ModelReader::readMerges(const json::Array &merges) {
  size_t rank = 0;
  for (auto [index, pair] : enumerate(merges)) {
    Expected<std::string> text = joinPair(index, pair);
    if (!text)
      return text.takeError();
    auto entry = ids.find(*text);
    if (entry == ids.end())
      return fail(formatv("field 'model.merges[{0}]' makes '{1}', which is not "
                          "in 'model.vocab'",
                          index, *text));
    int32_t id = entry->second;
    if (merged[id])
      continue;
    merged[id] = true;
    pieces[id].score = -float(rank++);
  }
  return Error::success();
}

/// What a merge makes; it is written "a b" or ["a", "b"].
Expected<std::string> ModelReader::joinPair(size_t index,
                                            const json::Value &pair) const {
  if (std::optional<StringRef> text = pair.getAsString())
    if (text->count(' ') == 1 && text->front() != ' ' && text->back() != ' ') {
      auto [left, right] = text->split(' ');
      return (left + right).str();
    }
  const json::Array *halves = pair.getAsArray();
  if (halves && halves->size() == 2) {
    std::optional<StringRef> left = (*halves)[0].getAsString();
    std::optional<StringRef> right = (*halves)[1].getAsString();
    if (left && right)
      return (*left + *right).str();
  }
  return fail(formatv("field 'model.merges[{0}]' must be a pair of pieces, but "
                      "it is {1}",
                      index, describe(pair)));
}

/// Whether `text` is more than one code point.
static bool isCompound(StringRef text) {
  return count_if(text, [](char c) { return (c & 0xC0) != 0x80; }) > 1;
}

/// No encoder makes compounds that no merge makes.
void ModelReader::setUnmergedKinds() {
  for (auto [id, piece] : enumerate(pieces))
    if (piece.kind == PieceKind::Normal && !merged[id] &&
        isCompound(piece.text))
      piece.kind = PieceKind::Unused;
}

Expected<Vocabulary>
huggingface::readTokenizerJson(StringRef path, const json::Object &object) {
  const json::Object *model = object.getObject("model");
  if (!model)
    return inputError(path, "field 'model' must be an object");
  FieldErrors errors(path);
  checkSettings(object, Fields(errors, object),
                Fields(errors, *model, "model"));
  if (Error error = errors.take())
    return std::move(error);
  Expected<std::vector<Piece>> pieces = ModelReader(path).read(*model);
  if (!pieces)
    return pieces.takeError();
  Vocabulary vocabulary = {std::move(*pieces), addsBos(object),
                           addsEos(object)};
  Expected<std::vector<AddedToken>> tokens = readAddedTokens(path, object);
  if (!tokens)
    return tokens.takeError();
  if (Error error = addTokens(path, *tokens, vocabulary))
    return std::move(error);
  return vocabulary;
}

//===----------------------------------------------------------------------===//
// Added tokens
//===----------------------------------------------------------------------===//

/// Pieces have U+2581 for spaces.
static std::string markSpaces(StringRef text) {
  std::string result;
  for (char c : text)
    result += c == ' ' ? spaceMark.str() : std::string(1, c);
  return result;
}

Expected<std::vector<AddedToken>>
huggingface::readAddedTokens(StringRef path, const json::Object &object) {
  std::vector<AddedToken> tokens;
  const json::Array *list = object.getArray("added_tokens");
  if (!list)
    return tokens;
  for (auto [index, value] : enumerate(*list)) {
    std::string where = formatv("added_tokens[{0}]", index);
    const json::Object *token = value.getAsObject();
    if (!token)
      return inputError(path, "field '" + where + "' must be an object");
    FieldErrors errors(path);
    Fields fields(errors, *token, where);
    tokens.push_back({fields.getInteger("id", pieceIds),
                      markSpaces(fields.getString("content"))});
    if (Error error = errors.take())
      return std::move(error);
  }
  return tokens;
}

Expected<std::vector<AddedToken>>
huggingface::readAddedTokensDecoder(StringRef path,
                                    const json::Object &object) {
  std::vector<AddedToken> tokens;
  const json::Object *decoder = object.getObject("added_tokens_decoder");
  if (!decoder)
    return tokens;
  for (const auto &[key, value] : *decoder) {
    std::string where = "added_tokens_decoder." + key.str();
    int64_t id;
    if (StringRef(key).getAsInteger(10, id) || id < pieceIds.min ||
        id > pieceIds.max)
      return inputError(path, "field '" + where + "' has a key that is no id");
    const json::Object *token = value.getAsObject();
    if (!token)
      return inputError(path, "field '" + where + "' must be an object");
    FieldErrors errors(path);
    Fields fields(errors, *token, where);
    tokens.push_back({id, markSpaces(fields.getString("content"))});
    if (Error error = errors.take())
      return std::move(error);
  }
  sort(tokens,
       [](const AddedToken &a, const AddedToken &b) { return a.id < b.id; });
  return tokens;
}

static bool isOrdinary(const Piece &piece) {
  return piece.kind == PieceKind::Normal || piece.kind == PieceKind::Byte;
}

Error huggingface::addTokens(StringRef path, ArrayRef<AddedToken> tokens,
                             Vocabulary &vocabulary) {
  std::vector<Piece> &pieces = vocabulary.pieces;
  for (const AddedToken &token : tokens) {
    if (token.text.empty())
      return inputError(path, formatv("added token {0} has no text", token.id));
    if (size_t(token.id) >= pieces.size())
      pieces.resize(token.id + 1, {"", 0, PieceKind::Unused});
    Piece &piece = pieces[token.id];
    if (piece.text != token.text && isOrdinary(piece))
      return inputError(path, formatv("added token '{0}' has id {1}, which is "
                                      "the ordinary piece '{2}'",
                                      token.text, token.id, piece.text));
    bool keepsKind = piece.text == token.text &&
                     (isSymbol(piece) || piece.kind == PieceKind::Byte);
    piece.text = token.text;
    if (!keepsKind)
      piece.kind = PieceKind::UserDefined;
  }
  return Error::success();
}
