//===- chat_template.cpp - Conversations to prompts -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/text/chat_template.h"

#include "runtime/text/prompt_writer.h"

namespace lapidary::text {

struct ChatTemplateKind {
  std::string_view name;
  PromptRenderer *render;
  bool takes_tools;
  /// Symbols that the vocabulary must have. It may lack those of what is not
  /// text.
  std::span<const std::string_view> symbols;
};

static constexpr std::string_view turn_symbols[] = {"<bos>", "<start_of_turn>",
                                                    "<end_of_turn>"};

static constexpr std::string_view function_gemma_symbols[] = {
    "<bos>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<escape>",
    "<start_function_declaration>",
    "<end_function_declaration>",
    "<start_function_call>",
    "<end_function_call>",
    "<start_function_response>",
    "<end_function_response>"};

static constexpr std::string_view gemma4_symbols[] = {
    "<bos>",           "<|turn>",      "<turn|>",      "<|think|>",
    "<|channel>",      "<channel|>",   "<|\"|>",       "<|tool>",
    "<tool|>",         "<|tool_call>", "<tool_call|>", "<|tool_response>",
    "<tool_response|>"};

static constexpr ChatTemplateKind kinds[] = {
    {"gemma2", render_gemma2, false, turn_symbols},
    {"gemma3", render_gemma3, false, turn_symbols},
    {"gemma3n", render_gemma3n, false, turn_symbols},
    {"functiongemma", render_functiongemma, true, function_gemma_symbols},
    {"gemma4_large", render_gemma4_large, true, gemma4_symbols},
    {"gemma4_edge", render_gemma4_edge, true, gemma4_symbols},
    {"shieldgemma", render_shieldgemma, false, turn_symbols},
    {"shieldgemma2", render_shieldgemma2, false, turn_symbols},
};

std::optional<ChatTemplate> ChatTemplate::create(std::string_view name,
                                                 const Tokenizer &tokenizer,
                                                 std::string &error) {
  for (const ChatTemplateKind &kind : kinds) {
    if (kind.name != name)
      continue;
    for (std::string_view symbol : kind.symbols)
      if (!tokenizer.find(symbol)) {
        error = "the vocabulary has no '" + std::string(symbol) +
                "', which the chat template needs";
        return std::nullopt;
      }
    return ChatTemplate(kind, tokenizer);
  }
  error = "there is no chat template '" + std::string(name) + "'";
  return std::nullopt;
}

std::optional<Prompt> ChatTemplate::render(std::span<const Message> messages,
                                           const RenderOptions &options,
                                           std::string &error) const {
  PromptWriter writer(*tokenizer_);
  if (messages.empty())
    writer.fail("a conversation needs a message");
  else if (!options.tools.empty() && !kind_->takes_tools)
    writer.fail("this model's chat template has no place for tools");
  else
    kind_->render(messages, options, writer);
  return std::move(writer).finish(error);
}

} // namespace lapidary::text
