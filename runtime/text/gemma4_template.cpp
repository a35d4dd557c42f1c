//===- gemma4_template.cpp - Prompts of Gemma 4 ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block for system message, tools and whether to think; then turns. A turn of
// the model holds, in this order, its thought, its calls, their results and its
// words, and goes on over all messages until the user's next.
#include "runtime/text/tool_writer.h"

#include <algorithm>

namespace lapidary::text {

static constexpr ToolSymbols tool_symbols = {
    .declaration_start = "<|tool>",
    .declaration_end = "<tool|>",
    .call_start = "<|tool_call>",
    .call_end = "<tool_call|>",
    .result_start = "<|tool_response>",
    .result_end = "<tool_response|>",
    .quote = "<|\"|>",
};

static bool is_model(const Message &message) {
  return message.role == "assistant" || message.role == "model";
}

/// `text` without the thoughts in it, trimmed. One that is not closed goes on
/// to the next end of one.
static std::string strip_thoughts(std::string_view text) {
  constexpr std::string_view start = "<|channel>", end = "<channel|>";
  std::string kept;
  while (true) {
    size_t stretch = std::min(text.find(end), text.size());
    kept += text.substr(0, std::min(text.find(start), stretch));
    if (stretch == text.size())
      return std::string(trim(kept));
    text.remove_prefix(stretch + end.size());
  }
}

namespace {

class Gemma4 {
public:
  Gemma4(std::span<const Message> messages, const RenderOptions &options,
         PromptWriter &writer)
      : messages_(messages), options_(options), writer_(writer),
        tools_(tool_symbols, writer) {}

  /// Edge models answer at once where large ones are given an empty thought.
  void render(bool is_large);

private:
  /// How the last message ended.
  enum class End { turn, call, result };

  void write_system();
  void write_message(size_t index);
  void write_thought(std::string_view thought);
  bool write_results(size_t index);
  bool write_content(const Message &message);
  void write_part(const Part &part);
  void end_message(size_t index, bool has_results, bool has_content);
  void start_answer(bool is_large);

  size_t next_speaker(size_t index) const;
  bool continues_turn(size_t index) const;

  std::span<const Message> messages_;
  const RenderOptions &options_;
  PromptWriter &writer_;
  ToolWriter tools_;
  /// Place of the user's last message, or -1.
  ptrdiff_t last_user_ = -1;
  End end_ = End::turn;
};

} // namespace

void Gemma4::render(bool is_large) {
  writer_.symbol("<bos>");
  write_system();
  for (size_t i = 0; i < messages_.size(); ++i)
    if (messages_[i].role == "user")
      last_user_ = i;
  for (size_t i = 0; i < messages_.size(); i = next_speaker(i)) {
    if (messages_[i].role == "tool")
      return writer_.fail("a tool's message must follow a call");
    write_message(i);
  }
  if (options_.add_generation_prompt)
    start_answer(is_large);
}

void Gemma4::write_system() {
  const Message &first = messages_[0];
  bool has_message = first.role == "system" || first.role == "developer";
  if (!has_message && options_.tools.empty() && !options_.enable_thinking)
    return;
  writer_.symbol("<|turn>");
  writer_.text("system\n");
  if (options_.enable_thinking) {
    writer_.symbol("<|think|>");
    writer_.text("\n");
  }
  if (has_message) {
    for (const Part &part : first.parts) {
      writer_.text(trim(part.text));
      writer_.text(first.is_list ? " " : "");
    }
    messages_ = messages_.subspan(1);
  }
  for (const Value &tool : options_.tools)
    tools_.declare(tool);
  writer_.symbol("<turn|>");
  writer_.text("\n");
}

/// The first message behind `index` that is not of a tool which it called.
size_t Gemma4::next_speaker(size_t index) const {
  bool has_calls = !messages_[index].tool_calls.empty();
  for (++index; index < messages_.size(); ++index)
    if (!has_calls || messages_[index].role != "tool")
      break;
  return index;
}

/// Whether message `index`, of the model, belongs to the turn before it.
bool Gemma4::continues_turn(size_t index) const {
  while (index > 0)
    if (messages_[--index].role != "tool")
      return is_model(messages_[index]);
  return false;
}

void Gemma4::write_message(size_t index) {
  const Message &message = messages_[index];
  if (!is_model(message)) {
    writer_.symbol("<|turn>");
    writer_.text(message.role + "\n");
    write_content(message);
    writer_.symbol("<turn|>");
    writer_.text("\n");
    end_ = End::turn;
    return;
  }
  if (!continues_turn(index)) {
    writer_.symbol("<|turn>");
    writer_.text("model\n");
  }
  bool is_current = ptrdiff_t(index) > last_user_;
  bool is_kept = options_.preserve_thinking && !message.tool_calls.empty();
  if (!message.reasoning.empty() && (is_current || is_kept))
    write_thought(message.reasoning + "\n");
  for (const ToolCall &call : message.tool_calls)
    tools_.call(call);
  bool has_results = write_results(index);
  end_message(index, has_results, write_content(message));
}

void Gemma4::write_thought(std::string_view thought) {
  writer_.symbol("<|channel>");
  writer_.text("thought\n");
  writer_.text(thought);
  writer_.symbol("<channel|>");
}

/// Whether there were any.
bool Gemma4::write_results(size_t index) {
  const Message &message = messages_[index];
  for (const ToolResult &result : message.tool_results)
    tools_.result(result);
  if (!message.tool_results.empty())
    return true;
  size_t end = next_speaker(index);
  for (size_t i = index + 1; i < end; ++i) {
    tools_.result(result_of(messages_[i], message.tool_calls));
    for (const Part &part : messages_[i].parts)
      if (part.kind != Part::Kind::text)
        write_part(part);
  }
  return end > index + 1;
}

void Gemma4::write_part(const Part &part) {
  switch (part.kind) {
  case Part::Kind::text:
    return writer_.text(trim(part.text));
  case Part::Kind::image:
    return writer_.medium(part.kind, "<|image|>");
  case Part::Kind::audio:
    return writer_.medium(part.kind, "<|audio|>");
  case Part::Kind::video:
    return writer_.medium(part.kind, "<|video|>");
  }
}

/// Whether there was any.
bool Gemma4::write_content(const Message &message) {
  bool any = false;
  for (Part part : message.parts) {
    if (part.kind == Part::Kind::text && is_model(message))
      part.text = strip_thoughts(part.text);
    write_part(part);
    any |= part.kind != Part::Kind::text || !trim(part.text).empty();
  }
  return any;
}

void Gemma4::end_message(size_t index, bool has_results, bool has_content) {
  size_t next = next_speaker(index);
  bool is_last = next == messages_.size();
  bool is_called = !messages_[index].tool_calls.empty();
  end_ = has_results ? End::result : End::turn;
  if (is_called && !has_results) {
    writer_.symbol("<|tool_response>");
    end_ = End::call;
  } else if (!is_last && is_model(messages_[next])) {
    // The next message continues the turn.
  } else if (!is_last || !has_results || has_content) {
    writer_.symbol("<turn|>");
    writer_.text("\n");
  }
}

void Gemma4::start_answer(bool is_large) {
  if (end_ == End::call)
    return;
  if (end_ == End::result) {
    if (options_.enable_thinking) {
      writer_.symbol("<|channel>");
      writer_.text("thought\n");
    }
    return;
  }
  writer_.symbol("<|turn>");
  writer_.text("model\n");
  if (is_large && !options_.enable_thinking)
    write_thought("");
}

void render_gemma4_large(std::span<const Message> messages,
                         const RenderOptions &options, PromptWriter &writer) {
  Gemma4(messages, options, writer).render(/*is_large=*/true);
}

void render_gemma4_edge(std::span<const Message> messages,
                        const RenderOptions &options, PromptWriter &writer) {
  Gemma4(messages, options, writer).render(/*is_large=*/false);
}

} // namespace lapidary::text
