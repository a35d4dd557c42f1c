//===- Tokenizer_test.cpp - Tokenizers of checkpoints -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/Tokenizer.h"
#include "runtime/text/tokenizer.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "test/frontends/huggingface/TokenizerModelFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using llvm::cantFail;
using llvm::StringRef;
using testing::ElementsAre;
using testing::HasSubstr;
using text::Mode;

namespace {

/// A file of the repository.
std::string readSourceFile(StringRef name) {
  auto buffer = llvm::MemoryBuffer::getFile(
      (LAPIDARY_SOURCE_DIR "/" + name).str(), /*IsText=*/false,
      /*RequiresNullTerminator=*/false);
  EXPECT_TRUE(buffer) << name.str();
  return buffer ? (*buffer)->getBuffer().str() : "";
}

std::string replaceOnce(std::string text, StringRef from, StringRef to) {
  size_t position = text.find(from.str());
  EXPECT_NE(position, text.npos) << from.str();
  return text.replace(position, from.size(), to.str());
}

/// A tokenizer.json of 256 bytes, "a", "b", "ab", "aba" and "ba".
std::string makeSmallJson(StringRef merges) {
  std::string json = R"({"normalizer": {"type": "Replace",
    "pattern": {"String": " "}, "content": "\u2581"},
    "model": {"type": "BPE", "byte_fallback": true, "vocab": {)";
  for (unsigned byte = 0; byte < 256; ++byte)
    json += llvm::formatv(R"("<0x{0}>": {1},)", llvm::utohexstr(byte, false, 2),
                          byte);
  return json + R"("a": 256, "b": 257, "ab": 258, "aba": 259, "ba": 260},
    "merges": [)" +
         merges.str() + "]}}";
}

class TokenizerTest : public testing::Test {
protected:
  /// Reads the files written so far, for a model with `rows`, and opens them.
  text::Tokenizer &open(int64_t rows = 2048) {
    tables = cantFail(readTokenizer(directory.getPath(), rows));
    std::string error;
    tokenizer = text::Tokenizer::open(tables, error);
    EXPECT_TRUE(tokenizer) << error;
    return *tokenizer;
  }

  std::string getError(int64_t rows = 2048) {
    return getMessage(readTokenizer(directory.getPath(), rows));
  }

  void writeSmallModel() {
    directory.write("tokenizer.model", makeSmallTokenizerModel().serialize());
  }

  TemporaryDirectory directory;
  std::vector<uint8_t> tables;
  std::unique_ptr<text::Tokenizer> tokenizer;
  const std::string pebbleJson =
      readSourceFile("examples/pebble/model/tokenizer.json");
};

TEST_F(TokenizerTest, IsEmptyWithoutFiles) {
  EXPECT_TRUE(cantFail(readTokenizer(directory.getPath(), 2048)).empty());
}

TEST_F(TokenizerTest, JsonEncodesAsTheModelDoes) {
  auto modelTables = cantFail(readTokenizerFile(
      LAPIDARY_SOURCE_DIR "/examples/pebble/model/tokenizer.model"));
  std::string error;
  auto model = text::Tokenizer::open(modelTables, error);
  ASSERT_TRUE(model) << error;
  directory.write("tokenizer.json", pebbleJson);
  text::Tokenizer &json = open();
  EXPECT_EQ(json.size(), model->size());
  EXPECT_TRUE(json.add_bos());
  EXPECT_FALSE(json.add_eos());
  std::string heldout = readSourceFile("examples/pebble/eval/heldout.txt");
  std::string questions =
      readSourceFile("examples/pebble/eval/questions.jsonl");
  for (const std::string &text : {heldout, questions})
    for (Mode mode : {Mode::text, Mode::special})
      EXPECT_EQ(json.encode(text, mode), model->encode(text, mode));
}

TEST_F(TokenizerTest, ReadsMergesOfBothSpellings) {
  for (StringRef merges : {R"("a b", "ab a")", R"(["a", "b"], ["ab", "a"])"}) {
    directory.write("tokenizer.json", makeSmallJson(merges));
    // "ba" is in the vocabulary, but no merge makes it.
    EXPECT_THAT(open().encode("ababa", Mode::text), ElementsAre(258, 259));
  }
}

TEST_F(TokenizerTest, TakesTagsForTextHoweverTheyAreMarked) {
  std::string json = makeSmallJson("");
  json.insert(1, R"("added_tokens": [
    {"id": 261, "content": "<b>", "special": true},
    {"id": 262, "content": "<bos>", "special": true},
    {"id": 263, "content": "\t\t", "special": false}],)");
  directory.write("tokenizer.json", json);
  text::Tokenizer &tokenizer = open();
  EXPECT_THAT(tokenizer.encode("<b>\t\t", Mode::text), ElementsAre(261, 263));
  EXPECT_FALSE(tokenizer.is_control(261));
  EXPECT_TRUE(tokenizer.is_control(262));
}

TEST_F(TokenizerTest, AddsSymbolsOfTheConfiguration) {
  writeSmallModel();
  directory.write("tokenizer_config.json", R"({
    "add_bos_token": false,
    "added_tokens_decoder": {
      "2": {"content": "<bos>", "special": true},
      "260": {"content": "<|turn>", "special": true},
      "266": {"content": "<image>", "special": true}
    }})");
  text::Tokenizer &tokenizer = open();
  EXPECT_FALSE(tokenizer.add_bos());
  EXPECT_EQ(tokenizer.size(), 267u);
  EXPECT_THAT(tokenizer.encode("a<image><|turn>", Mode::special),
              ElementsAre(262, 266, 260));
  EXPECT_EQ(tokenizer.find("<turn>"), std::nullopt);
  EXPECT_EQ(tokenizer.piece(265), "");
}

TEST_F(TokenizerTest, AddsSymbolsOfTheJsonFile) {
  writeSmallModel();
  directory.write("tokenizer.json",
                  R"({"added_tokens": [{"id": 264, "content": "<new one>"}]})");
  EXPECT_THAT(open().encode("<new one>b", Mode::special),
              ElementsAre(264, 263));
}

TEST_F(TokenizerTest, EndsTextsAsThePostProcessorDoes) {
  std::string json = makeSmallJson("");
  json.insert(1, R"("post_processor": {"single": [
    {"SpecialToken": {"id": "<bos>"}}, {"Sequence": {"id": "A"}},
    {"SpecialToken": {"id": "<eos>"}}]},)");
  directory.write("tokenizer.json", json);
  EXPECT_TRUE(open().add_bos());
  EXPECT_TRUE(open().add_eos());
  writeSmallModel();
  EXPECT_TRUE(open().add_eos());
  directory.write("tokenizer_config.json", R"({"add_eos_token": false})");
  EXPECT_FALSE(open().add_eos());
  directory.write("tokenizer.json", makeSmallJson(""));
  directory.write("tokenizer_config.json", R"({"add_eos_token": true})");
  EXPECT_TRUE(open().add_eos());
}

TEST_F(TokenizerTest, RefusesSymbolsInPlaceOfPieces) {
  writeSmallModel();
  directory.write("tokenizer_config.json",
                  R"({"added_tokens_decoder": {"261": {"content": "<x>"}}})");
  EXPECT_THAT(getError(), HasSubstr("tokenizer_config.json: added token '<x>' "
                                    "has id 261, which is the ordinary piece "
                                    "'ab'"));
}

TEST_F(TokenizerTest, RefusesBadAddedTokens) {
  writeSmallModel();
  auto getErrorOf = [&](StringRef tokens) {
    directory.write("tokenizer_config.json",
                    ("{\"added_tokens_decoder\": {" + tokens + "}}").str());
    return getError();
  };
  EXPECT_THAT(getErrorOf(R"("x": {"content": "y"})"),
              HasSubstr("'added_tokens_decoder.x' has a key that is no id"));
  EXPECT_THAT(getErrorOf(R"("-1": {"content": "y"})"),
              HasSubstr("has a key that is no id"));
  EXPECT_THAT(getErrorOf(R"("99999999999": {"content": "y"})"),
              HasSubstr("has a key that is no id"));
  EXPECT_THAT(getErrorOf(R"("264": {})"), HasSubstr("content"));
  EXPECT_THAT(getErrorOf(R"("264": {"content": ""})"),
              HasSubstr("added token 264 has no text"));
  EXPECT_THAT(getErrorOf(R"("264": {"content": "ab"})"),
              HasSubstr("pieces 261 and 264 are both 'ab'"));
}

TEST_F(TokenizerTest, ComparesPiecesWithRows) {
  writeSmallModel();
  EXPECT_EQ(open(/*rows=*/264).size(), 264u);
  EXPECT_THAT(getError(/*rows=*/263),
              HasSubstr("tokenizer.model: it has 264 pieces, but 'vocab_size' "
                        "in config.json is 263"));
}

TEST_F(TokenizerTest, LeavesOutSymbolsWithoutARow) {
  writeSmallModel();
  directory.write("tokenizer_config.json",
                  R"({"added_tokens_decoder": {"266": {"content": "<x>"}}})");
  EXPECT_EQ(open(/*rows=*/264).size(), 264u);
}

TEST_F(TokenizerTest, NamesWhatIsUnsupportedInJson) {
  auto getErrorAfter = [&](StringRef from, StringRef to) {
    directory.write("tokenizer.json", replaceOnce(pebbleJson, from, to));
    return getError();
  };
  EXPECT_THAT(getErrorAfter("\"BPE\"", "\"Unigram\""),
              HasSubstr("field 'model.type' must be 'BPE', but it is "
                        "\"Unigram\""));
  EXPECT_THAT(getErrorAfter("\"byte_fallback\": true", "\"x\": true"),
              HasSubstr("'model.byte_fallback'"));
  EXPECT_THAT(getErrorAfter("\"Replace\"", "\"NFKC\""),
              HasSubstr("'normalizer'"));
  EXPECT_THAT(getErrorAfter("\"Split\"", "\"ByteLevel\""),
              HasSubstr("'pre_tokenizer'"));
  EXPECT_THAT(
      getErrorAfter("\"ignore_merges\": false", "\"ignore_merges\": true"),
      HasSubstr("'model.ignore_merges'"));
}

TEST_F(TokenizerTest, NamesWhatIsWrongInJson) {
  auto getErrorAfter = [&](StringRef from, StringRef to) {
    directory.write("tokenizer.json", replaceOnce(pebbleJson, from, to));
    return getError();
  };
  EXPECT_THAT(getErrorAfter("\"merges\": [", "\"merges\": [7,"),
              HasSubstr("field 'model.merges[0]' must be a pair"));
  EXPECT_THAT(getErrorAfter("\"merges\": [", "\"merges\": [\"x  y\","),
              HasSubstr("field 'model.merges[0]' must be a pair"));
  EXPECT_THAT(getErrorAfter("\"merges\": [", "\"merges\": [[\"qq\", \"qq\"],"),
              HasSubstr("'model.merges[0]' makes 'qqqq', which is not in"));
  EXPECT_THAT(getErrorAfter("\"<unk>\": 3", "\"<unk>\": 2"),
              HasSubstr("gives id 2 to two pieces"));
  EXPECT_THAT(getErrorAfter("\"<unk>\": 3", "\"<unk>\": 4294967296"),
              HasSubstr("must give '<unk>' an id from 0 to"));
  EXPECT_THAT(getErrorAfter("\"<unk>\": 3", "\"<unk>\": \"3\""),
              HasSubstr("must give '<unk>' an id from 0 to"));
}

TEST_F(TokenizerTest, SurvivesTruncatedJson) {
  for (size_t size = 0; size < pebbleJson.size(); size += 1 + size / 16) {
    directory.write("tokenizer.json", StringRef(pebbleJson).take_front(size));
    EXPECT_NE(getError(), "") << size;
  }
}

TEST_F(TokenizerTest, NamesTheFileOfADamagedModel) {
  directory.write(
      "tokenizer.model",
      StringRef(makeSmallTokenizerModel().serialize()).drop_back(3));
  EXPECT_THAT(getError(), HasSubstr("tokenizer.model: "));
  TokenizerModelFile file = makeSmallTokenizerModel();
  file.pieces[261].text = "\xFF";
  directory.write("tokenizer.model", file.serialize());
  EXPECT_THAT(getError(), HasSubstr("tokenizer.model: piece 261 is not UTF-8"));
}

} // namespace
