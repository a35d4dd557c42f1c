//===- Tokenize.cpp - lapidary tokenize -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/ArtifactFile.h"
#include "compiler/tools/lapidary/Checkpoints.h"
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Files.h"
#include "compiler/tools/lapidary/Output.h"
#include "runtime/text/tokenizer.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <filesystem>
#include <memory>

using namespace lapidary;
using namespace lapidary::tool;

namespace {
struct TokenizeOptions {
  std::string source;
  std::vector<std::string> words;
  bool decode = false, special = false, json = false;
};

/// A tokenizer and the tables that it uses.
struct OwnedTokenizer {
  std::vector<uint8_t> tables;
  std::unique_ptr<text::Tokenizer> tokenizer;
};
} // namespace

/// The tables of a .lap file, a checkpoint directory or a tokenizer.model.
static std::vector<uint8_t> readTables(const std::string &path) {
  if (std::filesystem::is_directory(path) || !ArtifactFile::isArtifact(path))
    return readTokenizer(path);
  ArtifactFile artifact(path);
  std::span<const uint8_t> tables = artifact.getTokenizer();
  if (tables.empty())
    failInput(path, ": has no tokenizer");
  return {tables.begin(), tables.end()};
}

static OwnedTokenizer openTokenizer(const std::string &path) {
  OwnedTokenizer opened{readTables(path), nullptr};
  std::string error;
  opened.tokenizer = text::Tokenizer::open(opened.tables, error);
  if (!opened.tokenizer)
    failInput(path, ": ", error);
  return opened;
}

static void encode(const TokenizeOptions &options,
                   const text::Tokenizer &tokenizer) {
  if (options.words.size() > 1)
    failUsage("unexpected word '", options.words[1],
              "'; put a text with spaces in quotes");
  bool given = !options.words.empty() && options.words[0] != "-";
  std::string text = given ? options.words[0] : readStandardInput();
  std::vector<int32_t> ids = tokenizer.encode(
      text, options.special ? text::Mode::special : text::Mode::text);
  if (options.json)
    return printJsonLine({{"ids", ids}});
  for (int32_t id : ids)
    print(std::to_string(id) + "\n");
}

/// Ids with spaces, line ends or commas between them.
static void appendIds(std::string_view words, const text::Tokenizer &tokenizer,
                      std::vector<int32_t> &ids) {
  static constexpr std::string_view separators = " \t\r\n,";
  while (true) {
    size_t begin = words.find_first_not_of(separators);
    if (begin == words.npos)
      return;
    words.remove_prefix(begin);
    size_t end = std::min(words.find_first_of(separators), words.size());
    int32_t id = -1;
    auto [stop, error] = std::from_chars(words.data(), words.data() + end, id);
    if (error != std::errc() || stop != words.data() + end || id < 0 ||
        size_t(id) >= tokenizer.size())
      failInput("expected ids from 0 to ", tokenizer.size() - 1, ", not '",
                words.substr(0, end), "'");
    ids.push_back(id);
    words.remove_prefix(end);
  }
}

static void decode(const TokenizeOptions &options,
                   const text::Tokenizer &tokenizer) {
  std::vector<int32_t> ids;
  bool fromInput = options.words.empty() ||
                   (options.words.size() == 1 && options.words[0] == "-");
  if (fromInput)
    appendIds(readStandardInput(), tokenizer, ids);
  else
    for (const std::string &word : options.words)
      appendIds(word, tokenizer, ids);
  std::string text = tokenizer.decode(ids, options.special);
  if (options.json)
    return printJsonLine({{"text", text}});
  print(text + "\n");
}

static void tokenize(const TokenizeOptions &options) {
  OwnedTokenizer opened = openTokenizer(options.source);
  options.decode ? decode(options, *opened.tokenizer)
                 : encode(options, *opened.tokenizer);
}

Action tool::defineTokenize(Options &options) {
  options.describe("lapidary tokenize MODEL|CHECKPOINT|FILE.model [TEXT | -] "
                   "[--decode] [--special] [--json]",
                   "Splits a text into token ids, one a line, or makes a text "
                   "of ids. Adds no bos.",
                   "lapidary tokenize gemma.lap \"a cut above\"");
  auto values = std::make_shared<TokenizeOptions>();
  options.addOperand({"SOURCE", "",
                      "a .lap file, a checkpoint directory, or a "
                      "SentencePiece model"},
                     values->source);
  options.addOperands({"TEXT", "",
                       "the text, or with --decode the ids; - or "
                       "nothing reads all of standard input"},
                      values->words);
  options.addFlag({"--decode", "", "make a text of ids"}, values->decode);
  options.addFlag({"--special", "",
                   "let control symbols in the text be "
                   "parsed, or show those of the ids"},
                  values->special);
  options.addFlag({"--json", "", "print {\"ids\": [...]}, or {\"text\": ...}"},
                  values->json);
  return [values] { tokenize(*values); };
}
