//===- Embed.cpp - lapidary embed -------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Files.h"
#include "compiler/tools/lapidary/Model.h"
#include "compiler/tools/lapidary/Output.h"
#include "compiler/tools/lapidary/Progress.h"
#include "compiler/tools/lapidary/Signals.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <numeric>
#include <sstream>

using namespace lapidary;
using namespace lapidary::tool;

namespace {
struct EmbedOptions {
  std::string model;
  std::vector<std::string> words;
  std::optional<std::string> file, prompt;
  std::optional<int64_t> width;
  int64_t threads = 0;
  bool similarity = false, json = false;
};

/// One text to embed.
struct Text {
  /// Where it comes from, for messages.
  std::string name;
  std::string content;
};

using Embedding = std::vector<float>;
} // namespace

//===----------------------------------------------------------------------===//
// Texts
//===----------------------------------------------------------------------===//

static std::vector<Text> splitLines(const std::string &source,
                                    const std::string &content) {
  std::vector<Text> texts;
  std::istringstream lines(content);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r'))
      line.pop_back();
    texts.push_back({concat(source, ": line ", texts.size() + 1), line});
  }
  if (texts.empty())
    failInput(source, ": has no lines, and each is a text");
  return texts;
}

static bool isFromInput(const EmbedOptions &options) {
  return std::ranges::count(options.words, "-") > 0;
}

static void requireOneSource(const EmbedOptions &options) {
  if (options.words.empty() && !options.file)
    failUsage("a text is missing: give TEXT, -f FILE, or - for standard input");
  if (!options.words.empty() &&
      (options.file || (isFromInput(options) && options.words.size() > 1)))
    failUsage("only one of TEXT, -f and - can give the texts");
}

static std::vector<Text> readTexts(const EmbedOptions &options) {
  if (isFromInput(options))
    return splitLines("standard input", readStandardInput());
  if (options.file)
    return splitLines(*options.file, readFile(*options.file));
  std::vector<Text> texts;
  texts.reserve(options.words.size());
  for (const std::string &word : options.words)
    texts.push_back({concat("text ", texts.size() + 1), word});
  return texts;
}

static std::vector<std::vector<int32_t>>
tokenize(const Model &model, const EmbedOptions &options,
         const std::vector<Text> &texts) {
  std::vector<std::vector<int32_t>> lists;
  uint32_t context = model.getInfo().context;
  for (const Text &text : texts) {
    requireUtf8(text.name, text.content);
    lists.push_back(model.tokenizeForEmbedding(options.prompt, text.content));
    size_t count = lists.back().size();
    if (count == 0)
      failInput(text.name, ": is empty");
    if (count > context)
      failInput(text.name, ": has ", count, " tokens, but ",
                model.describeContext());
  }
  return lists;
}

//===----------------------------------------------------------------------===//
// Embeddings
//===----------------------------------------------------------------------===//

static double dot(const Embedding &a, const Embedding &b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Keeps the first `width` numbers, of together length one.
static void shorten(Embedding &embedding, size_t width) {
  embedding.resize(width);
  double length = std::max(std::sqrt(dot(embedding, embedding)), 1e-12);
  for (float &number : embedding)
    number /= length;
}

/// Embeds texts run by run and hands each embedding to `take`, in their order.
template <typename Take>
static void embedAll(const Model &model,
                     std::span<const std::vector<int32_t>> lists, Take take) {
  size_t width = model.getInfo().embedding_width;
  while (!lists.empty()) {
    size_t count = 0, rows = lists[0].size();
    while (++count < lists.size() &&
           rows + lists[count].size() <= model.getInfo().max_rows)
      rows += lists[count].size();
    std::vector<float> numbers(count * width);
    model.embed(lists.first(count), numbers.data());
    for (auto row = numbers.begin(); row != numbers.end(); row += width)
      take(Embedding(row, row + width));
    lists = lists.subspan(count);
    stopIfInterrupted();
  }
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

static void printLine(const Embedding &embedding) {
  std::string line;
  for (float number : embedding) {
    char digits[32];
    auto end = std::to_chars(digits, std::end(digits), number).ptr;
    line.append(line.empty() ? "" : " ").append(digits, end);
  }
  print(line + "\n");
}

/// The cosine of each embedding with each.
static std::vector<std::vector<double>>
compare(const std::vector<Embedding> &embeddings) {
  std::vector<std::vector<double>> cosines;
  for (const Embedding &a : embeddings) {
    std::vector<double> &row = cosines.emplace_back();
    for (const Embedding &b : embeddings)
      row.push_back(dot(a, b) / std::sqrt(dot(a, a) * dot(b, b)));
  }
  return cosines;
}

/// The beginning of a text, in one line.
static std::string makeTitle(const std::string &content) {
  std::string title = content.substr(0, 60);
  title.resize(findInvalidUtf8(title).value_or(title.size()));
  std::ranges::replace_if(title, [](unsigned char c) { return c < ' '; }, ' ');
  return title;
}

static void printTable(const std::vector<Text> &texts,
                       const std::vector<Embedding> &embeddings) {
  std::vector<std::string> header = {"#"};
  for (size_t i = 1; i <= texts.size(); ++i)
    header.push_back(std::to_string(i));
  header.emplace_back("text");
  Table table(header);
  table.alignLeft(texts.size() + 1);
  std::vector<std::vector<double>> cosines = compare(embeddings);
  for (size_t i = 0; i < texts.size(); ++i) {
    std::vector<std::string> row = {std::to_string(i + 1)};
    for (double cosine : cosines[i])
      row.push_back(formatFixed(cosine, 3));
    row.push_back(makeTitle(texts[i].content));
    table.addRow(row);
  }
  print(table.getText());
}

static void printDocument(const std::vector<std::vector<int32_t>> &lists,
                          const std::vector<Embedding> &embeddings,
                          bool similarity) {
  nlohmann::ordered_json document;
  document["embeddings"] = embeddings;
  document["tokens"] = nlohmann::ordered_json::array();
  for (const std::vector<int32_t> &list : lists)
    document["tokens"].push_back(list.size());
  if (similarity)
    document["similarity"] = compare(embeddings);
  printJsonLine(document);
}

static void embed(const EmbedOptions &options) {
  requireOneSource(options);
  Model model(options.model, options.threads);
  model.requireEmbedding();
  model.requireTokenizer();
  std::vector<Text> texts = readTexts(options);
  size_t full = model.getInfo().embedding_width;
  size_t width = options.width.value_or(full);
  if (width > full)
    failInput("--width: expected at most ", full, ", the width of ",
              options.model, ", not ", width);
  std::vector<std::vector<int32_t>> lists = tokenize(model, options, texts);

  catchInterrupts();
  bool whole = options.json || options.similarity;
  std::vector<Embedding> embeddings;
  {
    // Lines tell by themselves how far it is.
    std::optional<Progress> progress;
    if (whole)
      progress.emplace("embedding");
    embedAll(model, lists, [&](Embedding embedding) {
      if (width < full)
        shorten(embedding, width);
      if (!whole)
        return printLine(embedding);
      embeddings.push_back(std::move(embedding));
      progress->update(double(embeddings.size()) / texts.size());
    });
  }
  if (options.json)
    printDocument(lists, embeddings, options.similarity);
  else if (options.similarity)
    printTable(texts, embeddings);
}

Action tool::defineEmbed(Options &options) {
  options.describe("lapidary embed MODEL [TEXT... | -f FILE | -] [options]",
                   "Makes a vector of each text and prints its numbers in a "
                   "line. Texts with a like meaning have\nvectors with a like "
                   "direction.",
                   "lapidary embed embeddinggemma.lap --similarity \"a red "
                   "gem\" \"a ruby\" \"a cat\"");
  auto values = std::make_shared<EmbedOptions>();
  options.addOperand({"MODEL", "",
                      "a .lap file, or a checkpoint directory "
                      "(compiled for this machine once)"},
                     values->model);
  options.addOperands({"TEXT", "",
                       "the texts; - reads them from standard input, one in "
                       "each line"},
                      values->words);
  options.add({"-f,--file", "FILE", "a file with a text in each line"},
              values->file);
  options.add({"--prompt", "NAME",
               "what the texts are for: query, document, ... as the "
               "checkpoint calls the words it puts before them, or none",
               "the checkpoint's"},
              values->prompt);
  options.add(
      {"--width", "N", "keep the first N numbers, normalized again", "all"},
      values->width, positiveCount);
  options.addFlag(
      {"--similarity", "", "print the cosines of all pairs of texts instead"},
      values->similarity);
  options.add({"--threads", "N", "threads", "all cores"}, values->threads,
              {0, 4096});
  options.addFlag({"--json", "",
                   "print JSON: embeddings, tokens (how many each text has), "
                   "similarity"},
                  values->json);
  return [values] { embed(*values); };
}
