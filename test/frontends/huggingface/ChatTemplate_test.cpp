//===- ChatTemplate_test.cpp - Where chat templates are found ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontends/huggingface/ChatTemplate.h"
#include "test/frontends/huggingface/TestFiles.h"
#include "gmock/gmock.h"

using namespace lapidary::huggingface;
using testing::HasSubstr;

namespace {

class ChatTemplateTest : public testing::Test {
protected:
  ChatTemplateTest() {
    directory.write("config.json", "{}");
    directory.write("model.safetensors", makeSafeTensors("{}", 0));
    checkpoint = llvm::cantFail(Checkpoint::open(directory.getPath()));
  }

  std::string find() { return llvm::cantFail(findChatTemplate(*checkpoint)); }

  TemporaryDirectory directory;
  std::unique_ptr<Checkpoint> checkpoint;
};

TEST_F(ChatTemplateTest, IsEmptyWithoutATemplate) {
  EXPECT_EQ(find(), "");
  directory.write("tokenizer_config.json", "{}");
  EXPECT_EQ(find(), "");
}

TEST_F(ChatTemplateTest, TellsGenerationsApart) {
  auto recognize = [&](llvm::StringRef jinja) {
    directory.write("chat_template.jinja", jinja);
    return find();
  };
  EXPECT_EQ(recognize("'<start_of_turn>' + role"), "gemma3");
  EXPECT_EQ(recognize("'System role not supported' '<start_of_turn>'"),
            "gemma2");
  EXPECT_EQ(recognize("'<start_of_turn>' '<audio_soft_token>'"), "gemma3n");
  EXPECT_EQ(recognize("'<start_of_turn>' '<start_function_declaration>'"),
            "functiongemma");
  EXPECT_EQ(recognize("'<start_of_turn>' 'Our safety principle is'"),
            "shieldgemma");
  EXPECT_EQ(recognize("'<start_of_turn>' <BEGIN_SAFETY_POLICY>"),
            "shieldgemma2");
  EXPECT_EQ(recognize(R"('<|turn>' '<|channel>thought\n' '\n<channel|>')"),
            "gemma4_edge");
  EXPECT_EQ(recognize(R"('<|turn>' '<|channel>thought\n<channel|>')"),
            "gemma4_large");
  EXPECT_EQ(recognize("[INST]"), "");
  EXPECT_EQ(recognize("'System role not supported' [INST]"), "");
}

TEST_F(ChatTemplateTest, TakesTheDefaultOfSeveral) {
  directory.write("tokenizer_config.json",
                  R"({"chat_template":[{"name":"tools","template":"x"},)"
                  R"({"name":"default","template":"<start_of_turn>"}]})");
  EXPECT_EQ(find(), "gemma3");
}

TEST_F(ChatTemplateTest, PrefersTheTemplatesOwnFile) {
  directory.write("tokenizer_config.json",
                  R"({"chat_template":"<start_of_turn>"})");
  directory.write("chat_template.json", R"({"chat_template":"[INST]"})");
  EXPECT_EQ(find(), "");
  directory.write("chat_template.jinja", "<start_of_turn>");
  EXPECT_EQ(find(), "gemma3");
}

TEST_F(ChatTemplateTest, NamesTheFileThatIsWrong) {
  directory.write("tokenizer_config.json", R"({"chat_template":3})");
  EXPECT_THAT(getMessage(findChatTemplate(*checkpoint)),
              HasSubstr("tokenizer_config.json: field 'chat_template' must be "
                        "a string, but it is 3"));
}

} // namespace
