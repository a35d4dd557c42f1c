//===- chat_template.cpp - Conversations to prompts -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/text/chat_template.h"

#include "runtime/text/utf8.h"

#include <algorithm>

namespace lapidary::text {

/// White space as Python's str.strip() and so Jinja's `trim` see it.
static bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 ||
         c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

/// The length of the white space character at the start of `text`, or 0.
static size_t white_space_length(std::string_view text) {
  size_t length = text.empty() ? 0 : sequence_length(text);
  return length && is_white_space(code_point(text.substr(0, length))) ? length
                                                                      : 0;
}

/// The length of the white space character at the end of `text`, or 0.
static size_t trailing_white_space_length(std::string_view text) {
  // None is longer than three bytes.
  for (size_t length = 1; length <= std::min<size_t>(text.size(), 3); ++length)
    if (white_space_length(text.substr(text.size() - length)) == length)
      return length;
  return 0;
}

static std::string_view trim(std::string_view text) {
  while (size_t length = white_space_length(text))
    text.remove_prefix(length);
  while (size_t length = trailing_white_space_length(text))
    text.remove_suffix(length);
  return text;
}

static std::string_view turn_name(std::string_view role) {
  return role == "assistant" ? "model" : role;
}

std::optional<ChatTemplate> ChatTemplate::create(std::string_view kind,
                                                 const Tokenizer &tokenizer,
                                                 std::string &error) {
  if (kind != "gemma2" && kind != "gemma3") {
    error = "there is no chat template '" + std::string(kind) + "'";
    return std::nullopt;
  }
  auto find = [&](std::string_view symbol, int32_t &id) {
    std::optional<int32_t> found = tokenizer.find(symbol);
    id = found.value_or(-1);
    if (!found)
      error = "the vocabulary has no '" + std::string(symbol) +
              "', which the chat template needs";
    return found.has_value();
  };
  ChatTemplate result;
  if (!find("<bos>", result.bos_) ||
      !find("<start_of_turn>", result.start_of_turn_) ||
      !find("<end_of_turn>", result.end_of_turn_))
    return std::nullopt;
  if (kind == "gemma3") {
    result.system_allowed_ = true;
    result.start_of_image_ = tokenizer.find("<start_of_image>");
  }
  return result;
}

std::optional<Prompt> ChatTemplate::render(std::span<const Message> messages,
                                           bool add_generation_prompt,
                                           std::string &error) const {
  if (messages.empty()) {
    error = "a conversation needs a message";
    return std::nullopt;
  }
  std::string prefix;
  if (messages[0].role == "system") {
    if (!system_allowed_) {
      error = "System role not supported";
      return std::nullopt;
    }
    // Only the first part's text, as the reference has it.
    if (!messages[0].parts.empty())
      prefix = messages[0].parts[0].text;
    prefix += "\n\n";
    messages = messages.subspan(1);
  }
  Prompt prompt;
  prompt.add_token(bos_);
  for (size_t i = 0; i < messages.size(); ++i) {
    if ((messages[i].role == "user") != (i % 2 == 0)) {
      error = "Conversation roles must alternate "
              "user/assistant/user/assistant/...";
      return std::nullopt;
    }
    if (!add_turn(messages[i], i == 0 ? prefix : std::string_view(), prompt,
                  error))
      return std::nullopt;
  }
  if (add_generation_prompt) {
    prompt.add_token(start_of_turn_);
    prompt.add_text("model\n");
  }
  return prompt;
}

bool ChatTemplate::add_turn(const Message &message, std::string_view prefix,
                            Prompt &prompt, std::string &error) const {
  prompt.add_token(start_of_turn_);
  prompt.add_text(turn_name(message.role));
  prompt.add_text("\n");
  prompt.add_text(prefix);
  for (const Part &part : message.parts) {
    if (part.kind == Part::Kind::text) {
      prompt.add_text(trim(part.text));
      continue;
    }
    if (!start_of_image_) {
      error = "this model takes no images";
      return false;
    }
    prompt.add_token(*start_of_image_);
  }
  prompt.add_token(end_of_turn_);
  prompt.add_text("\n");
  return true;
}

} // namespace lapidary::text
