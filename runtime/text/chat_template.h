//===- chat_template.h - Conversations to prompts ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the Jinja templates of the Gemma checkpoints do, in C++: structure comes
// out as ids, and the text of messages can never become structure.
#ifndef LAPIDARY_RUNTIME_TEXT_CHAT_TEMPLATE_H
#define LAPIDARY_RUNTIME_TEXT_CHAT_TEMPLATE_H

#include "runtime/text/tokenizer.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lapidary::text {

/// A piece of a message: text, or the place of an image.
struct Part {
  enum class Kind { text, image };
  Kind kind = Kind::text;
  std::string text;
};

/// One message of a conversation.
struct Message {
  Message(std::string_view role, std::string_view text)
      : role(role), parts{{Part::Kind::text, std::string(text)}} {}
  Message(std::string_view role, std::vector<Part> parts)
      : role(role), parts(std::move(parts)) {}

  /// `system`, `user`, or `assistant` (also spelled `model`).
  std::string role;
  std::vector<Part> parts;
};

/// Renders conversations for one tokenizer.
class ChatTemplate {
public:
  /// The template called `kind` (`gemma2`, `gemma3`), with its symbols looked
  /// up in `tokenizer`. Returns nothing and says why in `error` if there is no
  /// such template or the vocabulary lacks a symbol that it writes.
  static std::optional<ChatTemplate>
  create(std::string_view kind, const Tokenizer &tokenizer, std::string &error);

  /// The prompt for `messages`, `<bos>` included, with the opening of the
  /// model's turn at the end if `add_generation_prompt`. Returns nothing and
  /// says why in `error` if the template does not allow such a conversation.
  std::optional<Prompt> render(std::span<const Message> messages,
                               bool add_generation_prompt,
                               std::string &error) const;

private:
  ChatTemplate() = default;

  bool add_turn(const Message &message, std::string_view prefix, Prompt &prompt,
                std::string &error) const;

  /// Whether a system message may come first; it goes before the first turn's
  /// text.
  bool system_allowed_ = false;
  int32_t bos_ = -1;
  int32_t start_of_turn_ = -1;
  int32_t end_of_turn_ = -1;
  /// Absent from the vocabularies of text models.
  std::optional<int32_t> start_of_image_;
};

} // namespace lapidary::text

#endif // LAPIDARY_RUNTIME_TEXT_CHAT_TEMPLATE_H
