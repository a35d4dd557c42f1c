//===- SentencePieceModel_test.cpp - tokenizer.model files ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/SentencePieceModel.h"
#include "test/frontends/huggingface/TokenizerModelFile.h"
#include "gmock/gmock.h"
#include <random>

using namespace lapidary;
using namespace lapidary::huggingface;
using testing::HasSubstr;

namespace {

/// The message that reading a model with this `change` gives.
template <typename Change> std::string getErrorAfter(Change change) {
  TokenizerModelFile file = makeSmallTokenizerModel();
  change(file);
  std::string error;
  EXPECT_FALSE(readSentencePieceModel(file.serialize(), error));
  return error;
}

/// Reads `bytes` and, if they are a model, builds its tables.
std::optional<std::vector<uint8_t>> build(const std::string &bytes,
                                          std::string &error) {
  auto pieces = readSentencePieceModel(bytes, error);
  if (!pieces)
    return std::nullopt;
  return buildTokenizerTables({std::move(*pieces)}, error);
}

TEST(SentencePieceModelTest, ReadsPieces) {
  std::string error;
  auto pieces =
      readSentencePieceModel(makeSmallTokenizerModel().serialize(), error);
  ASSERT_TRUE(pieces) << error;
  ASSERT_EQ(pieces->size(), 264u);
  EXPECT_EQ((*pieces)[2].text, "<bos>");
  EXPECT_EQ((*pieces)[2].kind, schema::PieceKind::Control);
  EXPECT_EQ((*pieces)[3].kind, schema::PieceKind::Unknown);
  EXPECT_EQ((*pieces)[4].kind, schema::PieceKind::Byte);
  EXPECT_EQ((*pieces)[260].kind, schema::PieceKind::UserDefined);
  EXPECT_EQ((*pieces)[261].text, "ab");
  EXPECT_EQ((*pieces)[261].score, -1);
}

TEST(SentencePieceModelTest, NamesWhatIsUnsupported) {
  using File = TokenizerModelFile;
  EXPECT_THAT(getErrorAfter([](File &f) { f.modelType = 1; }),
              HasSubstr("trainer_spec.model_type is 1, but only 2"));
  EXPECT_THAT(getErrorAfter([](File &f) { f.byteFallback = 0; }),
              HasSubstr("trainer_spec.byte_fallback"));
  EXPECT_THAT(getErrorAfter([](File &f) { f.charsMap = "x"; }),
              HasSubstr("normalizer_spec.precompiled_charsmap"));
  EXPECT_THAT(getErrorAfter([](File &f) { f.addDummyPrefix = 1; }),
              HasSubstr("normalizer_spec.add_dummy_prefix"));
  EXPECT_THAT(getErrorAfter([](File &f) { f.removeExtraWhitespaces = 1; }),
              HasSubstr("normalizer_spec.remove_extra_whitespaces"));
  EXPECT_THAT(getErrorAfter([](File &f) { f.escapeWhitespaces = 0; }),
              HasSubstr("normalizer_spec.escape_whitespaces"));
}

TEST(SentencePieceModelTest, NamesABadPiece) {
  using File = TokenizerModelFile;
  EXPECT_THAT(getErrorAfter([](File &f) { f.pieces[17].type = 9; }),
              HasSubstr("piece 17 has type 9, expected 1 to 6"));
  EXPECT_THAT(getErrorAfter([](File &f) { f.pieces[17].text.clear(); }),
              HasSubstr("piece 17 has no text"));
}

TEST(SentencePieceModelTest, RefusesOtherFiles) {
  std::string error;
  EXPECT_FALSE(readSentencePieceModel("", error));
  EXPECT_THAT(error, HasSubstr("not a SentencePiece model"));
  EXPECT_FALSE(readSentencePieceModel("{\"version\": \"1.0\"}", error));
  EXPECT_THAT(error, HasSubstr("not a SentencePiece model"));
}

TEST(SentencePieceModelTest, RefusesEveryTruncation) {
  std::string whole = makeSmallTokenizerModel().serialize();
  for (size_t size = 0; size < whole.size(); ++size) {
    std::string error;
    EXPECT_FALSE(readSentencePieceModel(whole.substr(0, size), error)) << size;
    EXPECT_NE(error, "");
  }
}

TEST(SentencePieceModelTest, SurvivesRandomDamage) {
  std::mt19937 random(1);
  std::string whole = makeSmallTokenizerModel().serialize();
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = whole;
    for (unsigned flips = 1 + random() % 4; flips != 0; --flips)
      bytes[random() % bytes.size()] ^= char(1 << random() % 8);
    std::string error;
    EXPECT_EQ(build(bytes, error).has_value(), error.empty());
  }
}

TEST(SentencePieceModelTest, SurvivesHugeLengths) {
  std::string error;
  EXPECT_FALSE(readSentencePieceModel(
      std::string("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11), error));
  EXPECT_FALSE(readSentencePieceModel(std::string(20, '\xFF'), error));
}

TEST(TokenizerTablesTest, RefusesEqualPieces) {
  TokenizerModelFile file = makeSmallTokenizerModel();
  file.pieces.push_back({"ab", -9, 1});
  std::string error;
  EXPECT_FALSE(build(file.serialize(), error));
  EXPECT_EQ(error, "pieces 261 and 264 are both 'ab'");
}

TEST(TokenizerTablesTest, RefusesAMissingByte) {
  TokenizerModelFile file = makeSmallTokenizerModel();
  file.pieces[4 + 0x0A].text = "x";
  std::string error;
  EXPECT_FALSE(build(file.serialize(), error));
  EXPECT_EQ(error, "expected a byte piece '<0x0A>', but found none");
}

TEST(TokenizerTablesTest, RefusesAScoreThatIsNoNumber) {
  TokenizerModelFile file = makeSmallTokenizerModel();
  file.pieces[261].score = std::numeric_limits<float>::quiet_NaN();
  std::string error;
  EXPECT_FALSE(build(file.serialize(), error));
  EXPECT_THAT(error, HasSubstr("piece 261"));
}

} // namespace
