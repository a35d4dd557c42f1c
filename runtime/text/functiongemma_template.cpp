//===- functiongemma_template.cpp - Prompts of FunctionGemma --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gemma 3's turns after one of the developer that declares functions. Results
// of calls stay in the model's turn.
#include "runtime/text/tool_writer.h"

namespace lapidary::text {

static constexpr ToolSymbols tool_symbols = {
    .declaration_start = "<start_function_declaration>",
    .declaration_end = "<end_function_declaration>",
    .call_start = "<start_function_call>",
    .call_end = "<end_function_call>",
    .result_start = "<start_function_response>",
    .result_end = "<end_function_response>",
    .quote = "<escape>",
};

/// What the developer said in training.
static constexpr std::string_view trigger =
    "You are a model that can do function calling with the following functions";

static void write_content(const Message &message, PromptWriter &writer) {
  for (const Part &part : message.parts) {
    if (part.kind == Part::Kind::text)
      writer.text(trim(part.text));
    else
      writer.medium(part.kind, "");
  }
}

static void start_turn(std::string_view role, PromptWriter &writer) {
  writer.symbol("<start_of_turn>");
  writer.text(role == "assistant" ? "model" : role);
  writer.text("\n");
}

static void end_turn(PromptWriter &writer) {
  writer.symbol("<end_of_turn>");
  writer.text("\n");
}

void render_functiongemma(std::span<const Message> messages,
                          const RenderOptions &options, PromptWriter &writer) {
  ToolWriter tools(tool_symbols, writer);
  writer.symbol("<bos>");
  bool has_developer =
      messages[0].role == "developer" || messages[0].role == "system";
  if (has_developer || !options.tools.empty()) {
    start_turn("developer", writer);
    write_content(has_developer ? messages[0] : Message("developer", trigger),
                  writer);
    for (const Value &tool : options.tools)
      tools.declare(tool);
    end_turn(writer);
    messages = messages.subspan(has_developer ? 1 : 0);
  }

  enum class End { turn, call, result } end = End::turn;
  std::span<const ToolCall> calls;
  for (const Message &message : messages) {
    if (message.role == "tool") {
      tools.result(result_of(message, calls));
      end = End::result;
      continue;
    }
    if (end == End::call)
      return writer.fail("Tool call must be followed by a tool response.");
    if (end == End::turn)
      start_turn(message.role, writer);
    write_content(message, writer);
    calls = message.tool_calls;
    for (const ToolCall &call : calls)
      tools.call(call);
    end = calls.empty() ? End::turn : End::call;
    if (end == End::turn)
      end_turn(writer);
  }
  if (!options.add_generation_prompt)
    return;
  if (end == End::call)
    writer.symbol("<start_function_response>");
  if (end == End::turn)
    start_turn("model", writer);
}

} // namespace lapidary::text
