//===- Scoring.cpp - How likely a model finds texts -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Scoring.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Files.h"
#include "compiler/tools/lapidary/Progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace lapidary;
using namespace lapidary::tool;

/// Documents that share a step.
static constexpr size_t batchSize = 16;
/// Memory for the logits of a step.
static constexpr size_t logitBytes = size_t(64) << 20;

//===----------------------------------------------------------------------===//
// Documents
//===----------------------------------------------------------------------===//

static void appendDocument(Documents &documents, std::string_view text,
                           const std::string &path, const Model &model) {
  std::vector<int32_t> tokens = model.tokenize(text, LAPIDARY_TOKENIZE_SPECIAL);
  if (model.getInfo().bos >= 0)
    tokens.insert(tokens.begin(), model.getInfo().bos);
  if (tokens.size() > model.getInfo().context)
    failInput(path, ": document ", documents.tokens.size() + 1, " has ",
              tokens.size(), " tokens, but ", model.describeContext());
  documents.tokens.push_back(std::move(tokens));
  documents.bytes += text.size();
}

Documents tool::readDocuments(const std::string &path, const Model &model) {
  static constexpr std::string_view end = "\n<eos>\n";
  std::string text = readFile(path);
  requireUtf8(path, text);
  for (size_t at = 0; (at = text.find("\r\n", at)) != text.npos;)
    text.erase(at, 1);
  Documents documents;
  std::string_view rest = text;
  for (size_t at; (at = rest.find(end)) != rest.npos;
       rest.remove_prefix(at + end.size()))
    appendDocument(documents, rest.substr(0, at), path, model);
  if (rest.find_first_not_of(" \n") != rest.npos)
    std::fprintf(stderr,
                 "lapidary: warning: %s: the text after document %zu is left "
                 "out, since no line '<eos>' ends it\n",
                 path.c_str(), documents.tokens.size());
  if (documents.tokens.empty())
    failInput(path, ": has no document; each ends by a line '<eos>'");
  return documents;
}

//===----------------------------------------------------------------------===//
// Numbers from logits
//===----------------------------------------------------------------------===//

double Likelihood::getPerplexity() const {
  return tokens ? std::exp(nll / tokens) : 1;
}

/// What has to be added to each logit to make it a log-probability.
static double getLogNormalizer(std::span<const float> logits) {
  float max = *std::ranges::max_element(logits);
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(double(logit) - max);
  return -(max + std::log(sum));
}

static double getDivergence(std::span<const float> reference,
                            std::span<const float> logits) {
  double referenceNormalizer = getLogNormalizer(reference);
  double normalizer = getLogNormalizer(logits);
  double sum = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    double logReference = reference[i] + referenceNormalizer;
    sum += std::exp(logReference) * (logReference - (logits[i] + normalizer));
  }
  // Rounding may leave a hair below zero.
  return std::max(sum, 0.0);
}

static void addToken(Likelihood &likelihood, std::span<const float> logits,
                     int32_t token) {
  likelihood.nll -= logits[token] + getLogNormalizer(logits);
  ++likelihood.tokens;
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

namespace {
/// A document on its way through a model. The last token predicts nothing and
/// is not fed.
struct Reader {
  std::span<const int32_t> document;
  size_t position = 0;

  bool isDone() const { return position + 1 >= document.size(); }
  size_t getRemaining() const { return document.size() - 1 - position; }
};

/// One model, with a session for each document of a batch.
class Lane {
public:
  Lane(const Model &model, size_t rows)
      : model(model), logits(rows * model.getInfo().vocabulary) {
    for (size_t i = 0; i < batchSize; ++i)
      sessions.emplace_back(model);
  }

  void reset(size_t reader) { lapidary_session_reset(sessions[reader].get()); }

  /// Feeds the next `counts[i]` tokens of each reader.
  void step(std::span<const Reader> readers, std::span<const size_t> counts) {
    std::vector<lapidary_step_entry> entries;
    float *next = logits.data();
    for (size_t i = 0; i < readers.size(); ++i) {
      if (counts[i] == 0)
        continue;
      entries.push_back(
          {sessions[i].get(), readers[i].document.data() + readers[i].position,
           counts[i], LAPIDARY_LOGITS_ALL, next, nullptr, nullptr});
      next += counts[i] * model.getInfo().vocabulary;
    }
    check(lapidary_step(model.get(), entries.data(), entries.size()));
  }

  std::span<const float> getRow(size_t row) const {
    size_t vocabulary = model.getInfo().vocabulary;
    return std::span(logits).subspan(row * vocabulary, vocabulary);
  }

private:
  const Model &model;
  std::vector<Session> sessions;
  std::vector<float> logits;
};

/// Leads the documents through one or two models.
class Scorer {
public:
  Scorer(const Documents &documents, const Model &model, const Model *reference)
      : documents(documents), rows(countRows(model)), lane(model, rows) {
    if (reference)
      referenceLane.emplace(*reference, rows);
  }

  Score run();

private:
  static size_t countRows(const Model &model) {
    size_t row = model.getInfo().vocabulary * sizeof(float);
    return std::max(logitBytes / row, batchSize);
  }

  void refill();
  std::vector<size_t> share() const;
  void take(size_t row, int32_t token);
  Divergence summarize();

  const Documents &documents;
  /// Logits of a step.
  size_t rows;
  Lane lane;
  std::optional<Lane> referenceLane;
  std::vector<Reader> readers = std::vector<Reader>(batchSize);
  size_t nextDocument = 0;
  Likelihood likelihood, reference;
  std::vector<double> divergences;
  size_t sameTop = 0;
};
} // namespace

/// Gives the next documents to readers that are done.
void Scorer::refill() {
  for (size_t i = 0; i < readers.size(); ++i)
    while (readers[i].isDone() && nextDocument < documents.tokens.size()) {
      readers[i] = {documents.tokens[nextDocument++]};
      lane.reset(i);
      if (referenceLane)
        referenceLane->reset(i);
    }
}

/// How many tokens of each reader the next step takes: as many of the first
/// ones as there are rows.
std::vector<size_t> Scorer::share() const {
  std::vector<size_t> counts(readers.size());
  size_t left = rows;
  for (size_t i = 0; i < readers.size(); ++i) {
    if (readers[i].isDone())
      continue;
    counts[i] = std::min(left, readers[i].getRemaining());
    left -= counts[i];
  }
  return counts;
}

void Scorer::take(size_t row, int32_t token) {
  std::span<const float> logits = lane.getRow(row);
  addToken(likelihood, logits, token);
  if (!referenceLane)
    return;
  std::span<const float> expected = referenceLane->getRow(row);
  addToken(reference, expected, token);
  divergences.push_back(getDivergence(expected, logits));
  auto top = [](std::span<const float> row) {
    return std::ranges::max_element(row) - row.begin();
  };
  sameTop += top(expected) == top(logits);
}

Divergence Scorer::summarize() {
  std::ranges::sort(divergences);
  size_t count = divergences.size();
  Divergence result{reference};
  if (count == 0)
    return result;
  double sum = 0;
  for (double divergence : divergences)
    sum += divergence;
  result.mean = sum / count;
  result.median = divergences[count / 2];
  result.percentile999 = divergences[(count - 1) * 999 / 1000];
  result.sameTop = double(sameTop) / count;
  return result;
}

Score Scorer::run() {
  Progress progress("scoring documents");
  while (true) {
    refill();
    std::vector<size_t> counts = share();
    if (std::ranges::all_of(counts, [](size_t count) { return count == 0; }))
      break;
    lane.step(readers, counts);
    if (referenceLane)
      referenceLane->step(readers, counts);
    size_t row = 0;
    for (size_t i = 0; i < readers.size(); ++i)
      for (size_t n = 0; n < counts[i]; ++n)
        take(row++, readers[i].document[++readers[i].position]);
    progress.update(double(nextDocument) / documents.tokens.size());
  }
  return {likelihood,
          referenceLane ? std::optional(summarize()) : std::nullopt};
}

Score tool::score(const Documents &documents, const Model &model,
                  const Model *reference) {
  return Scorer(documents, model, reference).run();
}
