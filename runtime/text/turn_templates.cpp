//===- turn_templates.cpp - Prompts of the first generations --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Turns of user and model, one after the other. Gemma 1 and 2 have no place for
// a system message, later ones put it before the first text.
#include "runtime/text/prompt_writer.h"

namespace lapidary::text {

/// How generations differ.
struct TurnFacts {
  bool has_system;
  /// Symbols; empty where the model takes no such thing.
  std::string_view image = "";
  std::string_view audio = "";
};

static void write_part(const Part &part, const TurnFacts &facts,
                       PromptWriter &writer) {
  switch (part.kind) {
  case Part::Kind::text:
    return writer.text(trim(part.text));
  case Part::Kind::image:
    return writer.medium(part.kind, facts.image);
  case Part::Kind::audio:
    return writer.medium(part.kind, facts.audio);
  case Part::Kind::video:
    return writer.medium(part.kind, "");
  }
}

static void write_turn(const Message &message, std::string_view prefix,
                       const TurnFacts &facts, PromptWriter &writer) {
  writer.symbol("<start_of_turn>");
  writer.text(message.role == "assistant" ? "model" : message.role);
  writer.text("\n");
  writer.text(prefix);
  for (const Part &part : message.parts)
    write_part(part, facts, writer);
  writer.symbol("<end_of_turn>");
  writer.text("\n");
}

static void render_turns(std::span<const Message> messages,
                         const RenderOptions &options, const TurnFacts &facts,
                         PromptWriter &writer) {
  std::string prefix;
  if (messages[0].role == "system") {
    if (!facts.has_system)
      return writer.fail("System role not supported");
    // Only the first part's text, as the reference has it.
    if (!messages[0].parts.empty())
      prefix = messages[0].parts[0].text;
    prefix += "\n\n";
    messages = messages.subspan(1);
  }
  writer.symbol("<bos>");
  for (size_t i = 0; i < messages.size(); ++i) {
    if ((messages[i].role == "user") != (i % 2 == 0))
      return writer.fail("Conversation roles must alternate "
                         "user/assistant/user/assistant/...");
    write_turn(messages[i], i == 0 ? prefix : std::string_view(), facts,
               writer);
  }
  if (options.add_generation_prompt) {
    writer.symbol("<start_of_turn>");
    writer.text("model\n");
  }
}

void render_gemma2(std::span<const Message> messages,
                   const RenderOptions &options, PromptWriter &writer) {
  render_turns(messages, options, {.has_system = false}, writer);
}

void render_gemma3(std::span<const Message> messages,
                   const RenderOptions &options, PromptWriter &writer) {
  render_turns(messages, options,
               {.has_system = true, .image = "<start_of_image>"}, writer);
}

void render_gemma3n(std::span<const Message> messages,
                    const RenderOptions &options, PromptWriter &writer) {
  render_turns(messages, options,
               {.has_system = true,
                .image = "<image_soft_token>",
                .audio = "<audio_soft_token>"},
               writer);
}

} // namespace lapidary::text
