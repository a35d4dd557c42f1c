//===- prompt_writer.h - Prompts piece by piece -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Templates write on and look once, at the end, whether all went well: the
// first problem is kept.
#ifndef LAPIDARY_RUNTIME_TEXT_PROMPT_WRITER_H
#define LAPIDARY_RUNTIME_TEXT_PROMPT_WRITER_H

#include "runtime/text/chat_template.h"

namespace lapidary::text {

/// `text` without the white space that Python's str.strip() and so Jinja's
/// `trim` take from both ends.
std::string_view trim(std::string_view text);

/// Writes the structure of one prompt as ids, all else as text.
class PromptWriter {
public:
  /// `tokenizer` outlives the writer.
  explicit PromptWriter(const Tokenizer &tokenizer) : tokenizer_(tokenizer) {}

  void symbol(std::string_view spelling);
  void text(std::string_view text) { prompt_.add_text(text); }

  /// The place of what `kind` is, which is not text, by its symbol; a problem
  /// if that is empty or the vocabulary lacks it.
  void medium(Part::Kind kind, std::string_view spelling);

  /// Keeps `problem` unless there is one already.
  void fail(std::string_view problem);

  /// The prompt, or the problem in `error`.
  std::optional<Prompt> finish(std::string &error) &&;

private:
  const Tokenizer &tokenizer_;
  Prompt prompt_;
  std::string error_;
};

/// Writes one kind of prompt.
using PromptRenderer = void(std::span<const Message>, const RenderOptions &,
                            PromptWriter &);

PromptRenderer render_gemma2, render_gemma3, render_gemma3n;
PromptRenderer render_gemma4_large, render_gemma4_edge, render_functiongemma;
PromptRenderer render_shieldgemma, render_shieldgemma2;

} // namespace lapidary::text

#endif // LAPIDARY_RUNTIME_TEXT_PROMPT_WRITER_H
