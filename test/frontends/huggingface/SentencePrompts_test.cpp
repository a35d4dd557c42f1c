//===- SentencePrompts_test.cpp - Words before embedded texts ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/SentencePrompts.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "gmock/gmock.h"

using namespace lapidary::huggingface;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

namespace {

class SentencePromptsTest : public testing::Test {
protected:
  llvm::Expected<SentencePrompts> tryRead(llvm::StringRef content) {
    directory.write("config_sentence_transformers.json", content);
    return readSentencePrompts(directory.getPath());
  }
  SentencePrompts read(llvm::StringRef content) {
    return llvm::cantFail(tryRead(content));
  }
  std::string fail(llvm::StringRef content) {
    return getMessage(tryRead(content));
  }

  TemporaryDirectory directory;
};

TEST_F(SentencePromptsTest, AreNoneWithoutTheFile) {
  SentencePrompts prompts =
      llvm::cantFail(readSentencePrompts(directory.getPath()));
  EXPECT_THAT(prompts.texts, IsEmpty());
  EXPECT_EQ(prompts.defaultName, "");
}

TEST_F(SentencePromptsTest, AreReadByName) {
  SentencePrompts prompts = read(
      R"({"prompts":{"query":"find: ","STS":""},"default_prompt_name":null})");
  EXPECT_THAT(prompts.texts,
              ElementsAre(Pair("STS", ""), Pair("query", "find: ")));
  EXPECT_EQ(prompts.defaultName, "");
  EXPECT_EQ(
      read(R"({"prompts":{"a":"b"},"default_prompt_name":"a"})").defaultName,
      "a");
  EXPECT_THAT(read(R"({"similarity_fn_name":"cosine"})").texts, IsEmpty());
}

TEST_F(SentencePromptsTest, NameWhatIsWrong) {
  EXPECT_THAT(fail(R"({"prompts":["query"]})"),
              HasSubstr("config_sentence_transformers.json: field 'prompts' "
                        "must be an object"));
  EXPECT_THAT(fail(R"({"prompts":{"query":1}})"),
              HasSubstr("field 'prompts.query' must be a string"));
  EXPECT_THAT(fail(R"({"prompts":{"a":"b"},"default_prompt_name":"c"})"),
              HasSubstr("field 'default_prompt_name' must be the name of one "
                        "of the 'prompts'"));
}

} // namespace
