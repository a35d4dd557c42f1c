//===- chat_template.h - Conversations to prompts ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the Jinja templates of the Gemma checkpoints do, in C++: structure comes
// out as ids, and the text of messages can never become structure.
#ifndef LAPIDARY_RUNTIME_TEXT_CHAT_TEMPLATE_H
#define LAPIDARY_RUNTIME_TEXT_CHAT_TEMPLATE_H

#include "runtime/text/tokenizer.h"
#include "runtime/text/value.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lapidary::text {

/// A piece of a message: text, or the place of something else.
struct Part {
  enum class Kind { text, image, audio, video };
  Kind kind = Kind::text;
  std::string text;
};

/// A function that the model wants called.
struct ToolCall {
  std::string id;
  std::string name;
  Value::Object arguments;
};

/// What a function returned.
struct ToolResult {
  std::string name;
  Value value;
};

/// One message of a conversation.
struct Message {
  Message(std::string_view role, std::string_view text)
      : role(role), parts{{Part::Kind::text, std::string(text)}} {}
  Message(std::string_view role, std::vector<Part> parts)
      : role(role), parts(std::move(parts)), is_list(true) {}

  /// `system` or `developer`, `user`, `tool`, or `assistant` (also spelled
  /// `model`).
  std::string role;
  std::vector<Part> parts;
  /// Whether the content came as a list of parts; some templates write its text
  /// in another way.
  bool is_list = false;

  /// Of an assistant: what it thought, the functions it called, and their
  /// results where these do not follow as messages of a tool.
  std::string reasoning;
  std::vector<ToolCall> tool_calls;
  std::vector<ToolResult> tool_results;

  /// Of a tool: the call that it answers.
  std::string tool_call_id;
};

struct RenderOptions {
  /// Whether to end with the opening of the model's turn.
  bool add_generation_prompt = false;
  /// Functions that may be called: objects with `name`, `description`,
  /// `parameters` (a JSON schema) and perhaps `response`.
  std::span<const Value> tools = {};
  /// Whether the model is to think before it answers, if it can.
  bool enable_thinking = false;
  /// Whether thoughts before calls stay in later turns.
  bool preserve_thinking = false;
};

struct ChatTemplateKind;

/// Renders conversations for one tokenizer.
class ChatTemplate {
public:
  /// The template called `kind`, one of those in chat_template.cpp, for
  /// `tokenizer`, which outlives it. Returns nothing and says why in `error` if
  /// there is no such template or the vocabulary lacks a symbol that it writes.
  static std::optional<ChatTemplate>
  create(std::string_view kind, const Tokenizer &tokenizer, std::string &error);

  /// The prompt for `messages`, `<bos>` included. Returns nothing and says why
  /// in `error` if the template does not allow such a conversation.
  std::optional<Prompt> render(std::span<const Message> messages,
                               const RenderOptions &options,
                               std::string &error) const;

private:
  ChatTemplate(const ChatTemplateKind &kind, const Tokenizer &tokenizer)
      : kind_(&kind), tokenizer_(&tokenizer) {}

  const ChatTemplateKind *kind_;
  const Tokenizer *tokenizer_;
};

} // namespace lapidary::text

#endif // LAPIDARY_RUNTIME_TEXT_CHAT_TEMPLATE_H
