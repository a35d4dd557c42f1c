//===- prompt_writer.cpp - Prompts piece by piece -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/text/prompt_writer.h"

#include "runtime/text/utf8.h"

#include <algorithm>

namespace lapidary::text {

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

std::string_view trim(std::string_view text) {
  while (size_t length = white_space_length(text))
    text.remove_prefix(length);
  while (size_t length = trailing_white_space_length(text))
    text.remove_suffix(length);
  return text;
}

void PromptWriter::symbol(std::string_view spelling) {
  if (std::optional<int32_t> id = tokenizer_.find(spelling))
    prompt_.add_token(*id);
  else
    fail("the vocabulary has no '" + std::string(spelling) + "'");
}

static std::string_view name_of(Part::Kind kind) {
  switch (kind) {
  case Part::Kind::text:
    return "text";
  case Part::Kind::image:
    return "images";
  case Part::Kind::audio:
    return "audio";
  case Part::Kind::video:
    return "videos";
  }
  return "";
}

void PromptWriter::medium(Part::Kind kind, std::string_view spelling) {
  std::optional<int32_t> id;
  if (!spelling.empty())
    id = tokenizer_.find(spelling);
  if (id)
    prompt_.add_token(*id);
  else
    fail("this model takes no " + std::string(name_of(kind)));
}

void PromptWriter::fail(std::string_view problem) {
  if (error_.empty())
    error_ = problem;
}

std::optional<Prompt> PromptWriter::finish(std::string &error) && {
  if (error_.empty())
    return std::move(prompt_);
  error = std::move(error_);
  return std::nullopt;
}

} // namespace lapidary::text
