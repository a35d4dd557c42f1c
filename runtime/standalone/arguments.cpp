//===- arguments.cpp - The words given to a standalone model --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/standalone/arguments.h"

#include <charconv>

namespace lapidary::standalone {

const char *const usage_text =
    "usage: %s [-p PROMPT | -] [options]\n"
    "Continues a prompt, or answers it. This file is a program and a model.\n"
    "example: ./%s --chat -p \"What is a lapidary?\"\n"
    "options:\n"
    "  -                 read the prompt from standard input\n"
    "  -p PROMPT         the prompt\n"
    "  --chat            make it one user turn of the model's chat template\n"
    "  --max-tokens N    stop after N tokens (default: until the context is "
    "full)\n"
    "  --temperature T   0 is greedy (default: the checkpoint's)\n"
    "  --seed S          start of the random numbers (default: 0)\n"
    "  --threads N       threads (default: all cores)\n"
    "  -h, --help        show this help\n";

namespace {
/// Leads through the words; an option's value is the next word or follows `=`.
class Words {
public:
  explicit Words(const std::vector<std::string> &words) : words_(words) {}

  /// Goes to the next word. False at the end.
  bool next() {
    if (index_ == words_.size())
      return false;
    word_ = words_[index_++];
    value_.reset();
    size_t equals = word_.find('=');
    if (word_.starts_with("--") && equals != std::string::npos) {
      value_ = word_.substr(equals + 1);
      word_.resize(equals);
    }
    return true;
  }

  const std::string &word() const { return word_; }

  std::string value() {
    if (value_)
      return *value_;
    if (index_ == words_.size())
      throw Failure(2, "option '" + word_ + "' needs a value");
    return words_[index_++];
  }

  template <typename Number> Number number(Number min, Number max) {
    std::string text = value();
    Number number{};
    const char *end = text.data() + text.size();
    auto [stop, error] = std::from_chars(text.data(), end, number);
    // Written so that a NaN is out of range.
    bool inside = number >= min && number <= max;
    if (error != std::errc() || stop != end || !inside)
      throw Failure(2, "option '" + word_ + "' expects a number from " +
                           std::to_string(min) + " to " + std::to_string(max) +
                           ", not '" + text + "'");
    return number;
  }

private:
  const std::vector<std::string> &words_;
  size_t index_ = 0;
  std::string word_;
  std::optional<std::string> value_;
};
} // namespace

std::optional<Arguments>
parse_arguments(const std::vector<std::string> &words) {
  Arguments arguments;
  int prompts = 0;
  Words reader(words);
  while (reader.next()) {
    const std::string &word = reader.word();
    if (word == "-h" || word == "--help")
      return std::nullopt;
    if (word == "-") {
      arguments.from_input = true;
      prompts++;
    } else if (word == "-p") {
      arguments.prompt = reader.value();
      prompts++;
    } else if (word == "--chat") {
      arguments.chat = true;
    } else if (word == "--max-tokens") {
      arguments.max_tokens = reader.number<uint64_t>(1, INT64_MAX);
    } else if (word == "--temperature") {
      arguments.temperature = reader.number<float>(0, 100);
    } else if (word == "--seed") {
      arguments.seed = reader.number<uint64_t>(0, UINT64_MAX);
    } else if (word == "--threads") {
      arguments.threads = reader.number<uint32_t>(1, 4096);
    } else {
      throw Failure(2, "unknown option '" + word + "'; --help lists them");
    }
  }
  if (prompts != 1)
    throw Failure(2, "expected one prompt: -p PROMPT, or - for standard input");
  return arguments;
}

} // namespace lapidary::standalone
