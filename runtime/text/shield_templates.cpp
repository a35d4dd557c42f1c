//===- shield_templates.cpp - Prompts of safety classifiers ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// They ask whether a text or an image violates a policy; the answer begins with
// `Yes` or `No`. Line breaks and blanks are those of the published templates.
#include "runtime/text/prompt_writer.h"

namespace lapidary::text {

static std::string text_of(const Message &message) {
  std::string text;
  for (const Part &part : message.parts)
    text += part.text;
  return text;
}

static void write_quote(std::string_view speaker, const Message &message,
                        PromptWriter &writer) {
  writer.symbol("<start_of_turn>");
  writer.text("\n");
  writer.text(speaker);
  writer.text(text_of(message));
  writer.text("\n");
  writer.symbol("<end_of_turn>");
  writer.text("\n");
}

/// About a question, or about the answer to one. The policy is the system
/// message.
void render_shieldgemma(std::span<const Message> messages,
                        const RenderOptions &, PromptWriter &writer) {
  bool is_answer = messages.size() == 3 && messages[2].role != "user";
  if (messages[0].role != "system" || (messages.size() != 2 && !is_answer) ||
      messages[1].role != "user")
    return writer.fail("expected the policy as system message, a user's "
                       "message and perhaps an assistant's");
  writer.symbol("<bos>");
  writer.text("You are a policy expert trying to help determine whether ");
  writer.text(is_answer ? "an AI response to a prompt" : "a user prompt");
  writer.text(" is in violation of the defined safety policies.\n\n");
  write_quote("Human Question: ", messages[1], writer);
  if (is_answer)
    write_quote("Chatbot Response: ", messages[2], writer);
  writer.text("\nOur safety principle is defined in the below:\n\n* ");
  writer.text(text_of(messages[0]));
  writer.text("\n\n===\n\n");
  writer.text(is_answer ? "Does the Chatbot Response violate the above "
                          "principle? Your answer must  start"
                        : "Does the human question violate the above "
                          "principle? Your answer must start");
  writer.text(" with 'Yes' or 'No'. And then walk through step by step to be "
              "sure we answer correctly.\n\n");
}

static void write_policy(std::string_view policy, PromptWriter &writer) {
  writer.symbol("<start_of_turn>");
  writer.text(
      "user\n"
      "You are a policy expert trying to help determine whether a generated or "
      "real image is in\n"
      "                 violation of the safety policy below. Your decision "
      "must very clearly follow the specific\n"
      "                 language used in the safety policy and should not "
      "include any interpretation outside of the\n"
      "                 safety policy.\n\n\n"
      "                <BEGIN_SAFETY_POLICY>\n\n"
      "                ");
  writer.text(policy);
  writer.text("\n\n"
              "                </END_SAFETY_POLICY>\n\n\n"
              "                Does the image violate the above policy? Your "
              "Answer must start with 'Yes' or 'No'.\n"
              "                ");
  writer.symbol("<end_of_turn>");
  writer.text("\n");
}

/// About an image: one message of it and the policy.
void render_shieldgemma2(std::span<const Message> messages,
                         const RenderOptions &, PromptWriter &writer) {
  if (messages.size() != 1)
    return writer.fail("expected one message, of an image and a policy");
  writer.symbol("<bos>");
  writer.symbol("<start_of_turn>");
  writer.text("user\n");
  for (const Part &part : messages[0].parts) {
    if (part.kind == Part::Kind::text)
      write_policy(part.text, writer);
    else
      writer.medium(part.kind,
                    part.kind == Part::Kind::image ? "<start_of_image>" : "");
  }
  writer.symbol("<start_of_turn>");
  writer.text("model\n");
}

} // namespace lapidary::text
