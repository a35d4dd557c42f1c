//===- Options.h - The words after a subcommand -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One description of each option serves for parsing and for the help screen.
#ifndef LAPIDARY_COMPILER_TOOLS_LAPIDARY_OPTIONS_H
#define LAPIDARY_COMPILER_TOOLS_LAPIDARY_OPTIONS_H

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lapidary::tool {

/// How an option is spelled and explained.
struct OptionText {
  /// "-o" or "-p,--prompt"; without dashes it is an operand: "MODEL".
  std::string names;
  /// Stands for the value on the help screen; empty for flags and operands.
  std::string placeholder;
  std::string help;
  /// Shown as the default; where it is absent, the value's own at the time of
  /// adding, and nothing if that is empty.
  std::optional<std::string> shownDefault = std::nullopt;
};

/// Numbers that an option may have, both ends included.
template <typename Number> struct Range {
  Number min;
  Number max;
};

inline constexpr Range<int64_t> anyCount{0, INT64_MAX};
inline constexpr Range<int64_t> positiveCount{1, INT64_MAX};

/// The options and operands of one subcommand. Values are references to where
/// parsing puts them; where a word is absent they stay as they are.
class Options {
public:
  /// Sets what the help screen says above the options. `usage` is what comes
  /// after "usage: ".
  void describe(std::string usage, std::string summary, std::string example);

  void addFlag(OptionText text, bool &value);
  void add(OptionText text, std::string &value);
  void add(OptionText text, std::optional<std::string> &value);
  void add(OptionText text, int64_t &value, Range<int64_t> range);
  void add(OptionText text, std::optional<int64_t> &value,
           Range<int64_t> range);
  void add(OptionText text, std::optional<double> &value, Range<double> range);
  /// A list of numbers with commas.
  void add(OptionText text, std::vector<int64_t> &value, Range<int64_t> range);
  /// A list of words with commas.
  void addList(OptionText text, std::vector<std::string> &value);
  /// An option that may be given several times.
  void addRepeated(OptionText text, std::vector<std::string> &value);
  /// Operands: one that must be there, one that may, and all that remain.
  void addOperand(OptionText text, std::string &value);
  void addOperand(OptionText text, std::optional<std::string> &value);
  void addOperands(OptionText text, std::vector<std::string> &value);
  /// Makes the last option added one that must be given.
  void require() { entries.back().required = true; }

  /// Reads `words`. Throws a usage Failure that names the first wrong one.
  /// Returns false if help was asked for instead.
  bool parse(std::vector<std::string> words);

  /// The help screen.
  std::string getHelp() const;

  enum class Kind { Flag, Value, Repeated };

private:
  using Setter = std::function<void(const std::string &word)>;
  struct Entry {
    OptionText text;
    Kind kind;
    Setter set;
    bool required = false;
  };

  void addEntry(OptionText text, Kind kind, Setter set,
                const std::string &value = "");

  std::string usage, summary, example;
  std::vector<Entry> entries;
};

/// The one of `words` that `word` was probably meant to be, or "".
std::string findNearest(std::string_view word,
                        const std::vector<std::string> &words);

} // namespace lapidary::tool

#endif // LAPIDARY_COMPILER_TOOLS_LAPIDARY_OPTIONS_H
