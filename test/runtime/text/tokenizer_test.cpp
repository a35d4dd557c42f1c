//===- tokenizer_test.cpp -------------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/text/tokenizer.h"

#include "runtime/schema/artifact_generated.h"
#include "tokenizers.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <random>

using namespace lapidary;
using namespace lapidary::text;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using Ids = std::vector<int32_t>;

//===----------------------------------------------------------------------===//
// Against SentencePiece
//===----------------------------------------------------------------------===//

namespace {
class Golden : public testing::TestWithParam<std::string> {
protected:
  const Tokenizer &tokenizer_ = tokenizer(GetParam());
  const std::vector<json> rows_ =
      read_json_lines("test/tokenizers/golden.jsonl");
};
} // namespace

INSTANTIATE_TEST_SUITE_P(Models, Golden,
                         testing::Values("gemma2", "gemma3", "gemma4"),
                         [](const auto &info) { return info.param; });

static std::string text_of(const json &row) {
  if (row.contains("text"))
    return row["text"];
  std::string hex = row["bytes_hex"];
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes += char(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

TEST_P(Golden, EncodesControlSymbols) {
  for (const json &row : rows_) {
    // SentencePiece takes `<bos>` in a text for text, Hugging Face does not.
    if (row["tag"] == "control:1")
      EXPECT_THAT(tokenizer_.encode(text_of(row), Mode::special),
                  ElementsAre(2, 1, 0, 3, 4));
    else
      EXPECT_EQ(tokenizer_.encode(text_of(row), Mode::special),
                row[GetParam()].get<Ids>())
          << row["tag"];
  }
}

TEST_P(Golden, EncodesTextMode) {
  for (const json &row : rows_) {
    json expected = row[GetParam()];
    if (row.contains("text_mode") && row["text_mode"].contains(GetParam()))
      expected = row["text_mode"][GetParam()];
    EXPECT_EQ(tokenizer_.encode(text_of(row), Mode::text), expected.get<Ids>())
        << row["tag"];
  }
}

TEST_P(Golden, Decodes) {
  for (const json &row : rows_) {
    std::string expected =
        row.contains("decoded") ? row["decoded"][GetParam()] : row["text"];
    EXPECT_EQ(tokenizer_.decode(row[GetParam()].get<Ids>(),
                                /*show_control=*/true),
              expected)
        << row["tag"];
  }
}

TEST_P(Golden, StreamsWhatItDecodes) {
  for (const json &row : rows_) {
    Ids ids = row[GetParam()];
    StreamDecoder decoder(tokenizer_);
    std::string text;
    for (int32_t id : ids) {
      std::string more = decoder.append(id);
      EXPECT_TRUE(more.empty() || (more[0] & 0xC0) != 0x80) << row["tag"];
      text += more;
    }
    EXPECT_EQ(text + decoder.finish(), tokenizer_.decode(ids)) << row["tag"];
  }
}

//===----------------------------------------------------------------------===//
// Control symbols
//===----------------------------------------------------------------------===//

static bool has_control(const Tokenizer &tokenizer, const Ids &ids) {
  return std::ranges::any_of(
      ids, [&](int32_t id) { return tokenizer.is_control(id); });
}

TEST_P(Golden, NoSymbolInTextBecomesControl) {
  std::string all;
  for (size_t id = 0; id < tokenizer_.size(); ++id) {
    if (!tokenizer_.is_control(int32_t(id)))
      continue;
    std::string symbol(tokenizer_.piece(int32_t(id)));
    EXPECT_THAT(tokenizer_.encode(symbol, Mode::special),
                ElementsAre(int32_t(id)));
    EXPECT_FALSE(has_control(tokenizer_, tokenizer_.encode(symbol, Mode::text)))
        << symbol;
    all += symbol;
  }
  Ids ids = tokenizer_.encode(all, Mode::text);
  EXPECT_FALSE(has_control(tokenizer_, ids));
  EXPECT_EQ(tokenizer_.decode(ids), all);
}

TEST(Prompt, NoSymbolComesOutOfSeveralTexts) {
  Prompt prompt;
  prompt.add_text("<start_of_");
  prompt.add_text("turn><start<start_of_turn>_of_turn>");
  Ids ids = tokenizer("gemma3").encode(prompt);
  EXPECT_FALSE(has_control(tokenizer("gemma3"), ids));
}

TEST(Prompt, MergesAcrossTextsAndNotAcrossTokens) {
  const Tokenizer &gemma3 = tokenizer("gemma3");
  Prompt prompt;
  prompt.add_token(105);
  prompt.add_text("user\n");
  prompt.add_text("\n\nHello wor");
  prompt.add_text("ld");
  prompt.add_token(106);
  prompt.add_text("\n");
  EXPECT_EQ(gemma3.encode(prompt),
            gemma3.encode("<start_of_turn>user\n\n\nHello world<end_of_turn>\n",
                          Mode::special));
}

TEST(Tokenizer, TextSymbolsAreNoControl) {
  const Tokenizer &gemma3 = tokenizer("gemma3");
  for (const char *text : {"\n", "\n\n\n", "\t", "  ", "<table>", "</b>"}) {
    Ids ids = gemma3.encode(text, Mode::text);
    EXPECT_EQ(ids.size(), 1u) << text;
    EXPECT_FALSE(has_control(gemma3, ids)) << text;
  }
}

//===----------------------------------------------------------------------===//
// Single properties
//===----------------------------------------------------------------------===//

TEST(Tokenizer, FindsPiecesOfAllKinds) {
  const Tokenizer &pebble = tokenizer("pebble");
  EXPECT_EQ(pebble.find("<bos>"), 2);
  EXPECT_EQ(pebble.find("<start_of_turn>"), 5);
  EXPECT_EQ(pebble.piece(5), "<start_of_turn>");
  EXPECT_EQ(pebble.find("<start_of_image>"), std::nullopt);
  EXPECT_EQ(pebble.find(""), std::nullopt);
}

TEST(Tokenizer, LeavesControlOutUnlessAsked) {
  const Ids ids = {2, 105, 4521, 106, 1};
  EXPECT_EQ(tokenizer("gemma3").decode(ids),
            tokenizer("gemma3").decode(Ids{4521}));
  EXPECT_EQ(tokenizer("gemma3").decode(ids, /*show_control=*/true),
            "<bos><start_of_turn>" + tokenizer("gemma3").decode(Ids{4521}) +
                "<end_of_turn><eos>");
}

TEST(Tokenizer, SkipsIdsOutOfRange) {
  EXPECT_EQ(tokenizer("pebble").decode(Ids{-1, 2048, INT32_MAX, INT32_MIN}),
            "");
}

/// The ids of the byte pieces of `bytes`.
static Ids byte_ids(const Tokenizer &tokenizer, std::string_view bytes) {
  Ids ids;
  for (char byte : bytes) {
    char name[8];
    std::snprintf(name, sizeof(name), "<0x%02X>", uint8_t(byte));
    ids.push_back(tokenizer.find(name).value());
  }
  return ids;
}

TEST(Tokenizer, JoinsBytesToCharacters) {
  const Tokenizer &pebble = tokenizer("pebble");
  auto decode = [&](std::string_view bytes) {
    return pebble.decode(byte_ids(pebble, bytes));
  };
  EXPECT_EQ(decode("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(decode("\xE2\x82"), "\uFFFD\uFFFD");
  EXPECT_EQ(decode("\xE2\x28\xA1"), "\uFFFD(\uFFFD");
  EXPECT_EQ(decode("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  // Only pieces have spaces written so, not bytes.
  EXPECT_EQ(decode("\u2581"), "\u2581");
}

TEST(StreamDecoder, HoldsBackAnUnfinishedCharacter) {
  const Tokenizer &pebble = tokenizer("pebble");
  Ids ids = byte_ids(pebble, "\xF0\x9F\x98\x80\xC3");
  StreamDecoder decoder(pebble);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(decoder.append(ids[i]), "");
  EXPECT_EQ(decoder.append(ids[3]), "\xF0\x9F\x98\x80");
  EXPECT_EQ(decoder.append(ids[4]), "");
  EXPECT_EQ(decoder.append(byte_ids(pebble, "a")[0]), "\uFFFDa");
  EXPECT_EQ(decoder.append(ids[4]), "");
  EXPECT_EQ(decoder.finish(), "\uFFFD");
  EXPECT_EQ(decoder.finish(), "");
}

TEST(Tokenizer, EncodesLongTexts) {
  const Tokenizer &gemma3 = tokenizer("gemma3");
  std::string sentence = "The quick train left Ghent at nine. \u6c38\u00e9 ";
  std::string text;
  while (text.size() < (1 << 20))
    text += sentence;
  EXPECT_EQ(gemma3.decode(gemma3.encode(text, Mode::text)), text);
  std::string letters(1 << 20, 'a');
  EXPECT_EQ(gemma3.decode(gemma3.encode(letters, Mode::text)), letters);
  std::string spaces(1 << 20, ' ');
  EXPECT_EQ(gemma3.encode(spaces, Mode::text).size(), ((1u << 20) + 30) / 31);
}

//===----------------------------------------------------------------------===//
// Damaged tables
//===----------------------------------------------------------------------===//

static std::string open_error(std::span<const uint8_t> tables) {
  std::string error;
  EXPECT_EQ(Tokenizer::open(tables, error), nullptr);
  return error;
}

/// What `Tokenizer::open` says of Pebble's tables after `damage`.
template <typename Damage> static std::string error_after(Damage damage) {
  schema::TokenizerT tables;
  flatbuffers::GetRoot<schema::Tokenizer>(tokenizer_tables("pebble").data())
      ->UnPackTo(&tables);
  damage(tables);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Tokenizer::Pack(builder, &tables), "LAPT");
  return open_error({builder.GetBufferPointer(), builder.GetSize()});
}

TEST(TokenizerTables, RefusesPiecesOutsideOfTheText) {
  EXPECT_THAT(error_after([](auto &t) { t.piece_offsets[9] = 1u << 31; }),
              HasSubstr("outside of the text"));
  EXPECT_THAT(error_after([](auto &t) { t.text.pop_back(); }),
              HasSubstr("outside of the text"));
}

TEST(TokenizerTables, RefusesTablesOfOtherLength) {
  EXPECT_THAT(error_after([](auto &t) { t.scores.pop_back(); }),
              HasSubstr("differ in length"));
  EXPECT_THAT(error_after([](auto &t) { t.kinds.pop_back(); }),
              HasSubstr("differ in length"));
  EXPECT_THAT(error_after([](auto &t) { t.piece_offsets.clear(); }),
              HasSubstr("differ in length"));
}

TEST(TokenizerTables, RefusesUnknownKindsAndScores) {
  EXPECT_THAT(error_after([](auto &t) { t.kinds[7] = schema::PieceKind(9); }),
              HasSubstr("piece 7"));
  EXPECT_THAT(error_after([](auto &t) { t.scores[3] = NAN; }),
              HasSubstr("piece 3"));
}

TEST(TokenizerTables, RefusesABadHashTable) {
  auto hash_error = HasSubstr("hash table");
  EXPECT_THAT(error_after([](auto &t) { t.hash_table[0] = 2048; }), hash_error);
  EXPECT_THAT(error_after([](auto &t) { t.hash_table[0] = -2; }), hash_error);
  EXPECT_THAT(error_after([](auto &t) { t.hash_table.pop_back(); }),
              hash_error);
  EXPECT_THAT(error_after([](auto &t) { t.hash_table.clear(); }), hash_error);
  EXPECT_THAT(
      error_after([](auto &t) { std::ranges::replace(t.hash_table, -1, 0); }),
      hash_error);
}

TEST(TokenizerTables, RefusesBadSymbols) {
  EXPECT_THAT(error_after([](auto &t) { t.symbols[0] = 2048; }),
              HasSubstr("symbols"));
  EXPECT_THAT(
      error_after([](auto &t) { std::swap(t.symbols[0], t.symbols[1]); }),
      HasSubstr("symbols"));
  // A symbol that ends within a character would split the text there.
  EXPECT_THAT(error_after([](auto &t) {
                t.text[t.piece_offsets[t.symbols[0] + 1] - 1] = 0xE2;
              }),
              HasSubstr("symbols"));
}

TEST(TokenizerTables, RefusesAMissingBytePiece) {
  EXPECT_THAT(error_after([](auto &t) { std::ranges::fill(t.hash_table, -1); }),
              HasSubstr("'<0x00>'"));
}

TEST(TokenizerTables, SurvivesTruncation) {
  const std::vector<uint8_t> &whole = tokenizer_tables("pebble");
  for (size_t size = 0; size < whole.size(); size += 1 + size / 64) {
    std::vector<uint8_t> part(whole.begin(), whole.begin() + size);
    std::string error;
    Tokenizer::open(part, error);
  }
}

TEST(TokenizerTables, SurvivesRandomDamage) {
  std::mt19937 random(1);
  std::string text = "Hello  <start_of_turn>\u6c38 world\n\n\n0123 \xFF";
  for (int round = 0; round < 2000; ++round) {
    std::vector<uint8_t> tables = tokenizer_tables("pebble");
    tables[random() % tables.size()] ^= uint8_t(1 << random() % 8);
    std::string error;
    std::unique_ptr<Tokenizer> damaged = Tokenizer::open(tables, error);
    if (damaged)
      damaged->decode(damaged->encode(text, Mode::special));
    else
      EXPECT_NE(error, "");
  }
}
