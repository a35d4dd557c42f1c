//===- tokenizer.h - Text to token ids and back -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Byte-pair encoding exactly as SentencePiece does it, over the `Tokenizer`
// FlatBuffer that the compiler wrote: the tables are used where they are
// mapped, and opening one only checks it.
//
// Symbols are the pieces that are matched whole and never merge: white space
// runs and HTML tags, which are ordinary text, and control symbols such as
// `<start_of_turn>`, which give a prompt its structure. Whoever may write
// control symbols may write turns in another's name; therefore text of users
// is encoded in text mode, in which they are spelled out like any other text.
#ifndef LAPIDARY_RUNTIME_TEXT_TOKENIZER_H
#define LAPIDARY_RUNTIME_TEXT_TOKENIZER_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lapidary::schema {
struct Tokenizer;
enum class PieceKind : uint8_t;
} // namespace lapidary::schema

namespace lapidary::text {

/// What control symbols in the text mean.
enum class Mode {
  /// They are text: no id of a control symbol comes out.
  text,
  /// They are parsed, `<bos>`, `<eos>`, `<pad>` and `<unk>` included.
  special,
};

/// A prompt: control symbols as ids, and the text between them. Texts that
/// follow each other are encoded as one, so that merges go across their seam.
class Prompt {
public:
  /// Either a control symbol or a stretch of text.
  struct Segment {
    /// The symbol's id; negative for text.
    int32_t token;
    std::string text;
  };

  void add_token(int32_t id);
  void add_text(std::string_view text);
  const std::vector<Segment> &segments() const { return segments_; }

private:
  std::vector<Segment> segments_;
};

/// Encodes and decodes with one model's vocabulary; safe to share by threads.
class Tokenizer {
public:
  /// Checks the FlatBuffer in `bytes`, which must outlive the tokenizer.
  /// Returns null and says in `error` what is wrong with it.
  static std::unique_ptr<Tokenizer> open(std::span<const uint8_t> bytes,
                                         std::string &error);

  /// The ids of `text`, without `<bos>`. Bytes that are not UTF-8 become
  /// U+FFFD each; whatever the vocabulary lacks becomes byte pieces.
  std::vector<int32_t> encode(std::string_view text, Mode mode) const;

  /// The ids of a prompt, its texts in text mode.
  std::vector<int32_t> encode(const Prompt &prompt) const;

  /// The text of `ids`: byte pieces are joined to UTF-8, each byte that is no
  /// part of it becomes U+FFFD. Control symbols are left out unless
  /// `show_control`; ids that the vocabulary lacks are left out.
  std::string decode(std::span<const int32_t> ids,
                     bool show_control = false) const;

  /// How many ids there are: [0, size()).
  size_t size() const { return size_; }

  /// The id of the piece spelled `text` (U+2581 for a space), of any kind.
  std::optional<int32_t> find(std::string_view text) const;

  /// The spelling of `id` in the vocabulary; `id` must be in range.
  std::string_view piece(int32_t id) const;

  /// Whether `id` is a symbol that decoding leaves out.
  bool is_control(int32_t id) const;

  /// Whether a text to be continued gets `<bos>` put in front.
  bool add_bos() const;

  /// Whether a text that stands alone gets `<eos>` put behind.
  bool add_eos() const;

private:
  friend class StreamDecoder;
  class Merger;

  /// Symbols sorted by text; those that begin with byte b are
  /// [starts[b], starts[b + 1]) of `ids`.
  struct SymbolSet {
    std::vector<uint32_t> ids;
    std::array<uint32_t, 257> starts;
  };

  explicit Tokenizer(const schema::Tokenizer &tables);

  bool check_pieces(std::string &error);
  bool check_hash_table(std::string &error) const;
  bool check_symbols(std::string &error) const;
  bool find_byte_pieces(std::string &error);
  void index_symbols();
  static void index_first_bytes(SymbolSet &set, const Tokenizer &tokenizer);

  schema::PieceKind kind(int32_t id) const;
  int32_t lookup(std::string_view text) const;
  int32_t lookup_normal(std::string_view text) const;
  int32_t match_symbol(std::string_view text, const SymbolSet &set) const;
  void append_bytes(int32_t id, bool show_control, std::string &bytes) const;

  const schema::Tokenizer *tables_;
  size_t size_ = 0;
  /// The ids of `<0x00>` to `<0xFF>`.
  std::array<int32_t, 256> byte_pieces_;
  SymbolSet all_symbols_;
  /// Those that stay active in text mode.
  SymbolSet text_symbols_;
};

/// Decodes a sequence one token at a time. What was handed out plus what
/// `finish` returns equals `Tokenizer::decode` of all tokens.
class StreamDecoder {
public:
  /// `tokenizer` must outlive the decoder.
  explicit StreamDecoder(const Tokenizer &tokenizer, bool show_control = false)
      : tokenizer_(&tokenizer), show_control_(show_control) {}

  /// The text that `id` completes; the beginning of a character that later
  /// tokens may complete is held back.
  std::string append(int32_t id);

  /// What was held back, as U+FFFD for each byte. The decoder is then as new.
  std::string finish();

private:
  const Tokenizer *tokenizer_;
  bool show_control_;
  std::string held_;
};

} // namespace lapidary::text

#endif // LAPIDARY_RUNTIME_TEXT_TOKENIZER_H
