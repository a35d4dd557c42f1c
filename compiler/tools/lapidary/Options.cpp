//===- Options.cpp - The words after a subcommand ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Options.h"
#include "compiler/tools/lapidary/Failure.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <numeric>

using namespace lapidary::tool;

/// Columns of the help screen.
static constexpr size_t screenWidth = 100;
static constexpr size_t helpColumn = 26;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

template <typename Number> static std::string showNumber(Number number) {
  char buffer[32];
  auto end = std::to_chars(buffer, std::end(buffer), number).ptr;
  return std::string(buffer, end);
}

template <typename Number>
static std::string describeRange(Range<Number> range) {
  bool whole = std::is_integral_v<Number>;
  std::string text = whole ? "a whole number" : "a number";
  if (range.max == std::numeric_limits<Number>::max())
    return text + " from " + showNumber(range.min);
  return text + " from " + showNumber(range.min) + " to " +
         showNumber(range.max);
}

template <typename Number>
static Number parseNumber(const std::string &name, std::string_view word,
                          Range<Number> range) {
  Number number{};
  const char *end = word.data() + word.size();
  auto [stop, error] = std::from_chars(word.data(), end, number);
  // Written so that a NaN is out of range.
  bool inside = number >= range.min && number <= range.max;
  if (error != std::errc() || stop != end || !inside)
    failUsage("option '", name, "' expects ", describeRange(range), ", not '",
              word, "'");
  return number;
}

static std::vector<std::string> splitAtCommas(const std::string &name,
                                              const std::string &word) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (begin <= word.size()) {
    size_t end = std::min(word.find(',', begin), word.size());
    if (end == begin)
      failUsage("option '", name, "' expects a list with commas, not '", word,
                "'");
    parts.push_back(word.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

template <typename Element, typename Show>
static std::string join(const std::vector<Element> &elements, Show show) {
  std::string text;
  for (const Element &element : elements)
    text += (text.empty() ? "" : ",") + show(element);
  return text;
}

/// "--prompt" of "-p,--prompt": what messages call an option.
static std::string getLongName(const std::string &names) {
  size_t comma = names.rfind(',');
  return comma == std::string::npos ? names : names.substr(comma + 1);
}

//===----------------------------------------------------------------------===//
// Adding options
//===----------------------------------------------------------------------===//

void Options::describe(std::string newUsage, std::string newSummary,
                       std::string newExample) {
  usage = std::move(newUsage);
  summary = std::move(newSummary);
  example = std::move(newExample);
}

void Options::addEntry(OptionText text, Kind kind, Setter set,
                       const std::string &value) {
  if (!text.shownDefault && !value.empty())
    text.shownDefault = value;
  entries.push_back({std::move(text), kind, std::move(set)});
}

void Options::addFlag(OptionText text, bool &value) {
  addEntry(std::move(text), Kind::Flag,
           [&value](const std::string &) { value = true; });
}

void Options::add(OptionText text, std::string &value) {
  addEntry(
      std::move(text), Kind::Value,
      [&value](const std::string &word) { value = word; }, value);
}

void Options::add(OptionText text, std::optional<std::string> &value) {
  addEntry(std::move(text), Kind::Value,
           [&value](const std::string &word) { value = word; });
}

void Options::add(OptionText text, int64_t &value, Range<int64_t> range) {
  std::string name = getLongName(text.names);
  addEntry(
      std::move(text), Kind::Value,
      [&value, name, range](const std::string &word) {
        value = parseNumber(name, word, range);
      },
      showNumber(value));
}

void Options::add(OptionText text, std::optional<int64_t> &value,
                  Range<int64_t> range) {
  std::string name = getLongName(text.names);
  addEntry(std::move(text), Kind::Value,
           [&value, name, range](const std::string &word) {
             value = parseNumber(name, word, range);
           });
}

void Options::add(OptionText text, std::optional<double> &value,
                  Range<double> range) {
  std::string name = getLongName(text.names);
  addEntry(std::move(text), Kind::Value,
           [&value, name, range](const std::string &word) {
             value = parseNumber(name, word, range);
           });
}

void Options::add(OptionText text, std::vector<int64_t> &value,
                  Range<int64_t> range) {
  std::string name = getLongName(text.names);
  addEntry(
      std::move(text), Kind::Value,
      [&value, name, range](const std::string &word) {
        value.clear();
        for (const std::string &part : splitAtCommas(name, word))
          value.push_back(parseNumber(name, part, range));
      },
      join(value, showNumber<int64_t>));
}

void Options::addList(OptionText text, std::vector<std::string> &value) {
  std::string name = getLongName(text.names);
  addEntry(
      std::move(text), Kind::Value,
      [&value, name](const std::string &word) {
        value = splitAtCommas(name, word);
      },
      join(value, [](const std::string &part) { return part; }));
}

void Options::addRepeated(OptionText text, std::vector<std::string> &value) {
  addEntry(std::move(text), Kind::Repeated,
           [&value](const std::string &word) { value.push_back(word); });
}

void Options::addOperand(OptionText text, std::string &value) {
  add(std::move(text), value);
  require();
}

void Options::addOperand(OptionText text, std::optional<std::string> &value) {
  add(std::move(text), value);
}

void Options::addOperands(OptionText text, std::vector<std::string> &value) {
  addRepeated(std::move(text), value);
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

/// The message for what CLI11 found wrong.
static std::string explain(const CLI::ParseError &error, const CLI::App &app,
                           const std::vector<std::string> &names) {
  std::string message = error.what();
  auto code = static_cast<CLI::ExitCodes>(error.get_exit_code());
  if (code == CLI::ExitCodes::ExtrasError) {
    std::string word = app.remaining().front();
    if (word.empty() || word[0] != '-' || word == "-")
      return concat("unexpected word '", word, "'");
    std::string nearest = findNearest(word.substr(0, word.find('=')), names);
    return concat("unknown option '", word, "'",
                  nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
  }
  if (code == CLI::ExitCodes::RequiredError)
    return concat("'", message.substr(0, message.find(' ')), "' is missing");
  if (code == CLI::ExitCodes::ArgumentMismatch) {
    std::string option = message.substr(0, message.find_first_of(": "));
    // Of flags the message has the name without dashes.
    if (!option.starts_with('-'))
      return concat("option '--", option, "' takes no value");
    return concat("option '", option, "' needs a value");
  }
  return message;
}

/// Tells CLI11 about one option.
static void addTo(CLI::App &app, const std::string &names, bool required,
                  const CLI::callback_t &set, Options::Kind kind) {
  if (kind == Options::Kind::Flag) {
    app.add_flag_callback(names, [set] { set({""}); })->disable_flag_override();
    return;
  }
  CLI::Option *option = app.add_option(names, set);
  option->required(required);
  bool repeated = kind == Options::Kind::Repeated;
  option->multi_option_policy(repeated ? CLI::MultiOptionPolicy::TakeAll
                                       : CLI::MultiOptionPolicy::TakeLast);
  // Operands that may be many take all that is left, an option one word.
  option->allow_extra_args(repeated && names[0] != '-');
}

bool Options::parse(std::vector<std::string> words) {
  CLI::App app;
  app.set_help_flag("-h,--help");
  std::vector<std::string> names;
  for (const Entry &entry : entries) {
    names.push_back(getLongName(entry.text.names));
    CLI::callback_t set = [&entry](const CLI::results_t &results) {
      for (const std::string &word : results)
        entry.set(word);
      return true;
    };
    addTo(app, entry.text.names, entry.required, set, entry.kind);
  }
  // CLI11 takes words from the back.
  std::reverse(words.begin(), words.end());
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp &) {
    return false;
  } catch (const CLI::ParseError &error) {
    failUsage(explain(error, app, names));
  }
  return true;
}

/// How many letters must be changed, left out or put in to get from `a` to
/// `b`.
static size_t getEditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      size_t change = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

std::string lapidary::tool::findNearest(std::string_view word,
                                        const std::vector<std::string> &words) {
  std::string nearest;
  // More than a third of the letters wrong is another word.
  size_t best = word.size() / 3 + 1;
  for (const std::string &candidate : words) {
    size_t distance = getEditDistance(word, candidate);
    if (distance <= best && (nearest.empty() || distance < best)) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

//===----------------------------------------------------------------------===//
// The help screen
//===----------------------------------------------------------------------===//

/// Appends the words of `text` from the help column on, breaking lines.
static void appendWrapped(std::string &screen, std::string_view text) {
  size_t width = helpColumn;
  while (!text.empty()) {
    size_t end = std::min(text.find(' '), text.size());
    if (width > helpColumn && width + 1 + end > screenWidth) {
      screen += '\n' + std::string(helpColumn, ' ');
      width = helpColumn;
    } else if (width > helpColumn) {
      screen += ' ';
      ++width;
    }
    screen += text.substr(0, end);
    width += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  screen += '\n';
}

std::string Options::getHelp() const {
  std::string screen = "usage: " + usage + "\n" + summary + "\n";
  if (!example.empty())
    screen += "example: " + example + "\n";
  if (!entries.empty())
    screen += "options:\n";
  for (const Entry &entry : entries) {
    std::string names = entry.text.names;
    if (size_t comma = names.find(','); comma != std::string::npos)
      names.insert(comma + 1, " ");
    std::string line = "  " + names;
    if (!entry.text.placeholder.empty())
      line += " " + entry.text.placeholder;
    bool fits = line.size() + 2 <= helpColumn;
    line += fits ? std::string(helpColumn - line.size(), ' ')
                 : "\n" + std::string(helpColumn, ' ');
    screen += line;
    std::string help = entry.text.help;
    if (entry.required && entry.text.names[0] == '-')
      help += " (required)";
    if (entry.text.shownDefault)
      help += " (default: " + *entry.text.shownDefault + ")";
    appendWrapped(screen, help);
  }
  return screen;
}
