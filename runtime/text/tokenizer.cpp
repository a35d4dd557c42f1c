//===- tokenizer.cpp - Text to token ids and back -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/text/tokenizer.h"

#include "runtime/schema/artifact_generated.h"
#include "runtime/text/utf8.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace lapidary::text {

using schema::PieceKind;

/// U+2581, which stands for a space in pieces.
static constexpr std::string_view space_mark = "\xE2\x96\x81";

/// Text without symbols is cut after so many bytes, so that positions in it
/// fit 32 bits.
static constexpr size_t max_stretch = size_t(1) << 30;

static constexpr std::string_view html_tags[] = {
    "a",   "b",     "bbox",   "blockquote", "body",   "caption", "code",
    "div", "em",    "footer", "h1",         "h2",     "h3",      "h4",
    "h5",  "h6",    "html",   "i",          "iframe", "img",     "li",
    "s",   "span",  "strong", "sub",        "sup",    "table",   "tbody",
    "td",  "tfoot", "th",     "thead",      "tr",     "u",       "ul"};
static_assert(std::ranges::is_sorted(html_tags));

//===----------------------------------------------------------------------===//
// Symbols that are ordinary text
//===----------------------------------------------------------------------===//

static bool is_white_space_run(std::string_view piece) {
  while (!piece.empty()) {
    if (piece.starts_with(space_mark))
      piece.remove_prefix(space_mark.size());
    else if (piece[0] == '\n' || piece[0] == '\t')
      piece.remove_prefix(1);
    else
      return false;
  }
  return true;
}

static bool is_html_tag(std::string_view piece) {
  if (piece.size() < 3 || piece.front() != '<' || piece.back() != '>')
    return false;
  std::string_view name = piece.substr(1, piece.size() - 2);
  if (name.front() == '/')
    name.remove_prefix(1);
  return std::ranges::binary_search(html_tags, name);
}

/// Whether a user-defined symbol means nothing but its text. All others may
/// give a prompt structure.
static bool is_text_symbol(std::string_view piece) {
  return is_white_space_run(piece) || is_html_tag(piece);
}

//===----------------------------------------------------------------------===//
// Prompt
//===----------------------------------------------------------------------===//

void Prompt::add_token(int32_t id) { segments_.push_back({id, {}}); }

void Prompt::add_text(std::string_view text) {
  if (segments_.empty() || segments_.back().token >= 0)
    segments_.push_back({-1, {}});
  segments_.back().text += text;
}

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

Tokenizer::Tokenizer(const schema::Tokenizer &tables) : tables_(&tables) {}

std::unique_ptr<Tokenizer> Tokenizer::open(std::span<const uint8_t> bytes,
                                           std::string &error) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  if (!verifier.VerifyBuffer<schema::Tokenizer>("LAPT")) {
    error = "tokenizer: not a tokenizer of this format, or damaged";
    return nullptr;
  }
  std::unique_ptr<Tokenizer> tokenizer(
      new Tokenizer(*flatbuffers::GetRoot<schema::Tokenizer>(bytes.data())));
  if (!tokenizer->check_pieces(error) || !tokenizer->check_hash_table(error) ||
      !tokenizer->check_symbols(error) || !tokenizer->find_byte_pieces(error))
    return nullptr;
  tokenizer->index_symbols();
  return tokenizer;
}

bool Tokenizer::check_pieces(std::string &error) {
  size_t count = tables_->kinds()->size();
  const auto &offsets = *tables_->piece_offsets();
  if (count > size_t(std::numeric_limits<int32_t>::max()) ||
      tables_->scores()->size() != count || offsets.size() != count + 1) {
    error = "tokenizer: its tables differ in length";
    return false;
  }
  if (!std::is_sorted(offsets.begin(), offsets.end()) ||
      offsets[count] > tables_->text()->size()) {
    error = "tokenizer: pieces lie outside of the text";
    return false;
  }
  const auto &kinds = *tables_->kinds();
  const auto &scores = *tables_->scores();
  for (size_t i = 0; i < count; ++i) {
    if (kinds[i] > PieceKind::MAX || std::isnan(scores[i])) {
      error = "tokenizer: piece " + std::to_string(i) +
              " has an unknown kind or no score";
      return false;
    }
  }
  size_ = count;
  return true;
}

/// Besides ids out of range this excludes a table without an empty place, in
/// which a search would not end.
bool Tokenizer::check_hash_table(std::string &error) const {
  const auto &table = *tables_->hash_table();
  bool has_empty = false;
  bool in_range = true;
  for (int32_t id : table) {
    has_empty |= id == -1;
    in_range &= id >= -1 && id < int64_t(size_);
  }
  if (!has_empty || !in_range || !std::has_single_bit(table.size())) {
    error = "tokenizer: the hash table is damaged";
    return false;
  }
  return true;
}

/// Symbols are not empty, and end where a character ends.
bool Tokenizer::check_symbols(std::string &error) const {
  std::string_view previous;
  for (uint32_t id : *tables_->symbols()) {
    if (id >= size_ || piece(id) <= previous || !is_well_formed(piece(id))) {
      error = "tokenizer: the symbols are damaged or not in order";
      return false;
    }
    previous = piece(id);
  }
  return true;
}

bool Tokenizer::find_byte_pieces(std::string &error) {
  static constexpr char digits[] = "0123456789ABCDEF";
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char name[] = {'<', '0', 'x', digits[byte >> 4], digits[byte & 15],
                         '>'};
    std::string_view text(name, sizeof(name));
    byte_pieces_[byte] = lookup(text);
    if (byte_pieces_[byte] < 0 || kind(byte_pieces_[byte]) != PieceKind::Byte) {
      error = "tokenizer: there is no byte piece '" + std::string(text) + "'";
      return false;
    }
  }
  return true;
}

void Tokenizer::index_symbols() {
  for (uint32_t id : *tables_->symbols()) {
    all_symbols_.ids.push_back(id);
    if (kind(id) == PieceKind::UserDefined && is_text_symbol(piece(id)))
      text_symbols_.ids.push_back(id);
  }
  index_first_bytes(all_symbols_, *this);
  index_first_bytes(text_symbols_, *this);
}

void Tokenizer::index_first_bytes(SymbolSet &set, const Tokenizer &tokenizer) {
  set.starts.fill(0);
  for (uint32_t id : set.ids)
    ++set.starts[uint8_t(tokenizer.piece(id)[0]) + 1];
  for (size_t byte = 0; byte < 256; ++byte)
    set.starts[byte + 1] += set.starts[byte];
}

//===----------------------------------------------------------------------===//
// The vocabulary
//===----------------------------------------------------------------------===//

std::string_view Tokenizer::piece(int32_t id) const {
  const uint32_t *offsets = tables_->piece_offsets()->data();
  const char *text = reinterpret_cast<const char *>(tables_->text()->data());
  return {text + offsets[id], offsets[id + 1] - offsets[id]};
}

PieceKind Tokenizer::kind(int32_t id) const {
  return tables_->kinds()->Get(id);
}

bool Tokenizer::add_bos() const { return tables_->add_bos(); }

bool Tokenizer::add_eos() const { return tables_->add_eos(); }

bool Tokenizer::is_control(int32_t id) const {
  switch (kind(id)) {
  case PieceKind::Control:
  case PieceKind::Unknown:
    return true;
  case PieceKind::UserDefined:
    return !is_text_symbol(piece(id));
  default:
    return false;
  }
}

/// The id of the piece `text`, or -1.
int32_t Tokenizer::lookup(std::string_view text) const {
  const auto &table = *tables_->hash_table();
  const int32_t *ids = table.data();
  uint64_t mask = table.size() - 1;
  for (uint64_t slot = XXH3_64bits(text.data(), text.size());; ++slot) {
    int32_t id = ids[slot & mask];
    if (id < 0 || piece(id) == text)
      return id;
  }
}

/// As `lookup`, for what merges may make and single characters may be.
int32_t Tokenizer::lookup_normal(std::string_view text) const {
  int32_t id = lookup(text);
  return id >= 0 && kind(id) == PieceKind::Normal ? id : -1;
}

std::optional<int32_t> Tokenizer::find(std::string_view text) const {
  int32_t id = lookup(text);
  return id < 0 ? std::nullopt : std::optional(id);
}

/// The longest symbol of `set` at the start of `text`, which is not empty;
/// or -1.
int32_t Tokenizer::match_symbol(std::string_view text,
                                const SymbolSet &set) const {
  uint8_t first = uint8_t(text[0]);
  auto low = set.ids.begin() + set.starts[first];
  auto high = set.ids.begin() + set.starts[first + 1];
  int32_t longest = -1;
  // All of [low, high) have the first `depth` bytes of `text`; the one that has
  // no more comes first.
  for (size_t depth = 1; low != high; ++depth) {
    if (piece(*low).size() == depth)
      longest = int32_t(*low++);
    if (depth == text.size())
      break;
    auto byte = [&](uint32_t id) { return uint8_t(piece(id)[depth]); };
    auto range =
        std::ranges::equal_range(low, high, uint8_t(text[depth]), {}, byte);
    low = range.begin();
    high = range.end();
  }
  return longest;
}

//===----------------------------------------------------------------------===//
// Encoding
//===----------------------------------------------------------------------===//

/// Merges stretches of text that hold no symbol.
class Tokenizer::Merger {
public:
  /// Appends what it makes to `ids`.
  Merger(const Tokenizer &tokenizer, std::vector<int32_t> &ids)
      : tokenizer_(tokenizer), ids_(ids) {}

  /// `stretch` is well-formed UTF-8 with spaces replaced.
  void encode(std::string_view stretch);

private:
  /// A run of characters that is or may become a piece, in a linked list.
  struct Unit {
    uint32_t begin;
    /// 0 once it is part of the unit before.
    uint32_t length;
    int32_t previous;
    int32_t next;
    /// -1 while it is a single character.
    int32_t id;
  };

  /// A unit and its next one that make a piece.
  struct Pair {
    float score;
    int32_t left;
    /// Of both together; when it no longer is, the pair is out of date.
    uint32_t length;
    int32_t id;

    /// Makes the heap's top the pair to merge first.
    bool operator<(const Pair &other) const {
      return score < other.score || (score == other.score && left > other.left);
    }
  };

  void split();
  void push_pair(int32_t left);
  void pop_pair();
  void append_ids(const Unit &unit);

  const Tokenizer &tokenizer_;
  std::vector<int32_t> &ids_;
  std::string_view stretch_;
  std::vector<Unit> units_;
  std::vector<Pair> pairs_;
};

void Tokenizer::Merger::encode(std::string_view stretch) {
  stretch_ = stretch;
  split();
  for (int32_t left = 0; left < int32_t(units_.size()); ++left)
    push_pair(left);
  while (!pairs_.empty())
    pop_pair();
  for (const Unit &unit : units_)
    if (unit.length != 0)
      append_ids(unit);
}

void Tokenizer::Merger::split() {
  units_.clear();
  for (size_t begin = 0; begin < stretch_.size();) {
    size_t length = sequence_length(stretch_.substr(begin));
    int32_t index = int32_t(units_.size());
    units_.push_back(
        {uint32_t(begin), uint32_t(length), index - 1, index + 1, -1});
    begin += length;
  }
  if (!units_.empty())
    units_.back().next = -1;
}

void Tokenizer::Merger::push_pair(int32_t left) {
  const Unit &unit = units_[left];
  if (unit.next < 0)
    return;
  uint32_t length = unit.length + units_[unit.next].length;
  int32_t id = tokenizer_.lookup_normal(stretch_.substr(unit.begin, length));
  if (id < 0)
    return;
  pairs_.push_back({tokenizer_.tables_->scores()->Get(id), left, length, id});
  std::push_heap(pairs_.begin(), pairs_.end());
}

void Tokenizer::Merger::pop_pair() {
  std::pop_heap(pairs_.begin(), pairs_.end());
  Pair pair = pairs_.back();
  pairs_.pop_back();

  Unit &left = units_[pair.left];
  if (left.length == 0 || left.next < 0 ||
      left.length + units_[left.next].length != pair.length)
    return;
  Unit &right = units_[left.next];
  left.length = pair.length;
  left.id = pair.id;
  right.length = 0;
  left.next = right.next;
  if (left.next >= 0)
    units_[left.next].previous = pair.left;
  if (left.previous >= 0)
    push_pair(left.previous);
  push_pair(pair.left);
}

void Tokenizer::Merger::append_ids(const Unit &unit) {
  std::string_view text = stretch_.substr(unit.begin, unit.length);
  int32_t id = unit.id >= 0 ? unit.id : tokenizer_.lookup_normal(text);
  if (id >= 0) {
    ids_.push_back(id);
    return;
  }
  for (char byte : text)
    ids_.push_back(tokenizer_.byte_pieces_[uint8_t(byte)]);
}

/// Replaces spaces by what pieces have for them, and what is not UTF-8.
static std::string normalize(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 2);
  while (!text.empty()) {
    size_t length = sequence_length(text);
    if (length == 0)
      result += replacement_character;
    else if (text[0] == ' ')
      result += space_mark;
    else
      result += text.substr(0, length);
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return result;
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, Mode mode) const {
  const SymbolSet &symbols = mode == Mode::text ? text_symbols_ : all_symbols_;
  std::vector<int32_t> ids;
  Merger merger(*this, ids);
  std::string normalized = normalize(text);
  std::string_view rest = normalized;
  size_t stretch = 0;
  while (stretch < rest.size()) {
    int32_t symbol = match_symbol(rest.substr(stretch), symbols);
    if (symbol < 0)
      stretch += sequence_length(rest.substr(stretch));
    if (symbol < 0 && stretch < max_stretch)
      continue;
    merger.encode(rest.substr(0, stretch));
    rest.remove_prefix(stretch);
    stretch = 0;
    if (symbol >= 0) {
      ids.push_back(symbol);
      rest.remove_prefix(piece(symbol).size());
    }
  }
  merger.encode(rest);
  return ids;
}

std::vector<int32_t> Tokenizer::encode(const Prompt &prompt) const {
  std::vector<int32_t> ids;
  for (const Prompt::Segment &segment : prompt.segments()) {
    if (segment.token >= 0) {
      ids.push_back(segment.token);
      continue;
    }
    std::vector<int32_t> more = encode(segment.text, Mode::text);
    ids.insert(ids.end(), more.begin(), more.end());
  }
  return ids;
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

/// The value of the byte piece `<0xNN>`, or -1.
static int byte_value(std::string_view piece) {
  auto digit = [](char c) {
    if (c >= '0' && c <= '9')
      return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  if (piece.size() != 6 || digit(piece[3]) < 0 || digit(piece[4]) < 0)
    return -1;
  return digit(piece[3]) * 16 + digit(piece[4]);
}

void Tokenizer::append_bytes(int32_t id, bool show_control,
                             std::string &bytes) const {
  if (id < 0 || size_t(id) >= size_ || (is_control(id) && !show_control))
    return;
  std::string_view text = piece(id);
  if (kind(id) == PieceKind::Byte) {
    if (int byte = byte_value(text); byte >= 0)
      bytes += char(byte);
    return;
  }
  for (size_t mark; (mark = text.find(space_mark)) != text.npos;) {
    bytes += text.substr(0, mark);
    bytes += ' ';
    text.remove_prefix(mark + space_mark.size());
  }
  bytes += text;
}

/// Moves what is certain from the start of `bytes` to the end of `text`.
static void decode_certain(std::string &bytes, std::string &text) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    size_t length = sequence_length(rest);
    if (length == 0 && is_cut_sequence(rest))
      break;
    text += length == 0 ? replacement_character : rest.substr(0, length);
    rest.remove_prefix(std::max<size_t>(length, 1));
  }
  bytes.erase(0, bytes.size() - rest.size());
}

std::string StreamDecoder::append(int32_t id) {
  tokenizer_->append_bytes(id, show_control_, held_);
  std::string text;
  decode_certain(held_, text);
  return text;
}

std::string StreamDecoder::finish() {
  std::string text;
  for (size_t i = 0; i < held_.size(); ++i)
    text += replacement_character;
  held_.clear();
  return text;
}

std::string Tokenizer::decode(std::span<const int32_t> ids,
                              bool show_control) const {
  StreamDecoder decoder(*this, show_control);
  std::string text;
  for (int32_t id : ids)
    text += decoder.append(id);
  return text + decoder.finish();
}

} // namespace lapidary::text
