//===- tool_writer.h - Functions, calls and results in prompts --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FunctionGemma and Gemma 4 write them alike but for the symbols: fields
// `name:value` in braces, keys bare and sorted, strings between symbols.
#ifndef LAPIDARY_RUNTIME_TEXT_TOOL_WRITER_H
#define LAPIDARY_RUNTIME_TEXT_TOOL_WRITER_H

#include "runtime/text/prompt_writer.h"

namespace lapidary::text {

/// The symbols around declarations, calls, results and strings.
struct ToolSymbols {
  std::string_view declaration_start, declaration_end;
  std::string_view call_start, call_end;
  std::string_view result_start, result_end;
  std::string_view quote;
};

class ToolWriter {
public:
  ToolWriter(const ToolSymbols &symbols, PromptWriter &writer)
      : symbols_(symbols), writer_(writer) {}

  /// Writes the declaration of a function; see RenderOptions.
  void declare(const Value &function);
  void call(const ToolCall &call);
  void result(const ToolResult &result);

private:
  /// Separates fields by commas.
  class List;

  void quote(std::string_view text);
  void value(const Value &value);
  void fields(const Value::Object &object);
  void type(const Value &schema);
  void schema_of_parameters(const Value &schema);
  void schema_of_response(const Value &schema);
  void properties(const Value &schema);
  void property(const Value &schema);
  void items(const Value &schema);

  const ToolSymbols &symbols_;
  PromptWriter &writer_;
};

/// What `message`, of a tool, returned to one of `calls`: its text.
ToolResult result_of(const Message &message, std::span<const ToolCall> calls);

} // namespace lapidary::text

#endif // LAPIDARY_RUNTIME_TEXT_TOOL_WRITER_H
