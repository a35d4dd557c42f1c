//===- Forward.cpp - lapidary forward ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Model.h"
#include "compiler/tools/lapidary/Progress.h"
#include "compiler/tools/lapidary/Signals.h"
#include "compiler/tools/lapidary/TensorFile.h"

#include <algorithm>
#include <memory>

using namespace lapidary;
using namespace lapidary::tool;

namespace {
struct ForwardOptions {
  std::string model, nested, input, output;
  bool cache = false;
  int64_t drafts = 0;
  int64_t threads = 0;
};

/// The rows of a file without their padding.
struct Batch {
  /// Places of a row, padding included.
  size_t columns;
  std::vector<std::vector<int32_t>> tokens;
  /// The column of each row's first token.
  std::vector<size_t> starts;
};

/// Which columns of a row hold tokens.
struct Columns {
  size_t begin, end;
};
} // namespace

/// The columns of a row that its mask shows. Padding is on the left; where the
/// tokens are read as a whole, it may be on the right as well.
static Columns findTokens(const std::string &path, const Model &model,
                          std::span<const int64_t> mask, size_t row) {
  auto skip = [&](size_t column, int64_t value) {
    while (column < mask.size() && mask[column] == value)
      ++column;
    return column;
  };
  size_t begin = skip(0, 0), end = skip(begin, 1);
  bool isWhole = model.embeds() || model.getInfo().has_encoder;
  size_t wrong = isWhole ? skip(end, 0) : end;
  if (wrong < mask.size())
    failInput(path, ": row ", row, " of 'attention_mask' has ", mask[wrong],
              " in column ", wrong, "; expected zeros for padding on the left",
              isWhole ? ", ones, and zeros on the right" : ", then ones");
  return {begin, end};
}

static std::vector<int32_t> checkTokens(const std::string &path,
                                        const Model &model,
                                        const std::string &name,
                                        std::span<const int64_t> ids,
                                        Columns columns, size_t row) {
  std::vector<int32_t> tokens;
  for (size_t i = columns.begin; i < columns.end; ++i) {
    if (ids[i] < 0 || ids[i] >= model.getInfo().vocabulary)
      failInput(path, ": '", name, "' has ", ids[i], " in row ", row,
                ", column ", i, "; the vocabulary ends at ",
                model.getInfo().vocabulary - 1);
    tokens.push_back(ids[i]);
  }
  if (tokens.size() > model.getInfo().context)
    failInput(path, ": row ", row, " of '", name, "' has ", tokens.size(),
              " tokens, but ", model.describeContext());
  if (tokens.empty() && (model.embeds() || model.getInfo().has_encoder))
    failInput(path, ": row ", row, " of '", name, "' has no tokens to ",
              model.embeds() ? "embed" : "encode");
  return tokens;
}

/// What `file`, at `path`, has as `name`, where `mask` shows tokens.
static Batch readBatch(const TensorFile &file, const std::string &path,
                       const Model &model, const std::string &name,
                       const std::optional<IntegerMatrix> &mask) {
  std::optional<IntegerMatrix> ids = file.readMatrix(name);
  if (!ids)
    failInput(path, ": has no tensor '", name, "'");
  if (mask && (mask->rows != ids->rows || mask->columns != ids->columns))
    failInput(path, ": 'attention_mask' has the shape [", mask->rows, ",",
              mask->columns, "], but '", name, "' [", ids->rows, ",",
              ids->columns, "]");
  Batch batch{ids->columns, {}, {}};
  for (size_t row = 0; row < ids->rows; ++row) {
    auto cut = [&](const IntegerMatrix &matrix) {
      return std::span(matrix.values).subspan(row * ids->columns, ids->columns);
    };
    Columns columns = mask ? findTokens(path, model, cut(*mask), row)
                           : Columns{0, ids->columns};
    batch.tokens.push_back(
        checkTokens(path, model, name, cut(*ids), columns, row));
    batch.starts.push_back(columns.begin);
  }
  return batch;
}

namespace {
/// The texts of a batch, side by side.
class Texts {
public:
  Texts(const Model &model, const Batch &batch);

  /// Reads what the texts are about and writes the states of all places.
  void encode(const Batch &sources, float *states);

  /// Writes the logits of all places, and unless `states` is null what they
  /// come from, in pieces of at most `pieceSize` tokens: a step takes the next
  /// piece of every row that is not done.
  void step(size_t pieceSize, float *logits, float *states);

  /// Lets the draft head guess `count` tokens after each text, the first one
  /// being the model's own choice; writes its logits and states. The other
  /// arguments are what `step` wrote.
  void draft(size_t count, const float *logits, const float *states,
             float *draftLogits, float *draftStates);

private:
  const Model &model;
  const Batch &batch;
  const size_t vocabulary, stateWidth;
  std::vector<Session> sessions;
};
} // namespace

Texts::Texts(const Model &model, const Batch &batch)
    : model(model), batch(batch), vocabulary(model.getInfo().vocabulary),
      stateWidth(model.getInfo().state_width) {
  for (size_t row = 0; row < batch.tokens.size(); ++row)
    sessions.emplace_back(model);
}

void Texts::encode(const Batch &sources, float *states) {
  for (size_t row = 0; row < sessions.size(); ++row) {
    const std::vector<int32_t> &tokens = sources.tokens[row];
    size_t place = row * sources.columns + sources.starts[row];
    check(lapidary_encode(sessions[row].get(), tokens.data(), tokens.size(),
                          states + place * model.getInfo().source_state_width));
    stopIfInterrupted();
  }
}

void Texts::step(size_t pieceSize, float *logits, float *states) {
  size_t longest = 0;
  for (const std::vector<int32_t> &tokens : batch.tokens)
    longest = std::max(longest, tokens.size());
  Progress progress("computing");
  for (size_t begin = 0; begin < longest; begin += pieceSize) {
    std::vector<lapidary_step_entry> entries;
    for (size_t row = 0; row < sessions.size(); ++row) {
      const std::vector<int32_t> &tokens = batch.tokens[row];
      if (begin >= tokens.size())
        continue;
      size_t place = row * batch.columns + batch.starts[row] + begin;
      entries.push_back({sessions[row].get(), tokens.data() + begin,
                         std::min(pieceSize, tokens.size() - begin),
                         LAPIDARY_LOGITS_ALL, logits + place * vocabulary,
                         states ? states + place * stateWidth : nullptr,
                         nullptr});
    }
    check(lapidary_step(model.get(), entries.data(), entries.size()));
    progress.update(double(begin) / longest);
    stopIfInterrupted();
  }
}

void Texts::draft(size_t count, const float *logits, const float *states,
                  float *draftLogits, float *draftStates) {
  for (size_t row = 0; row < sessions.size(); ++row) {
    const std::vector<int32_t> &tokens = batch.tokens[row];
    if (tokens.empty())
      continue;
    size_t last = row * batch.columns + batch.starts[row] + tokens.size() - 1;
    const float *seen = logits + last * vocabulary;
    const float *state = states + last * stateWidth;
    for (size_t guess = row * count; guess < (row + 1) * count; ++guess) {
      auto token = static_cast<int32_t>(
          std::max_element(seen, seen + vocabulary) - seen);
      float *next = draftStates + guess * stateWidth;
      seen = draftLogits + guess * vocabulary;
      lapidary_draft_entry entry{sessions[row].get(), token, state,
                                 draftLogits + guess * vocabulary, next};
      check(lapidary_draft(model.get(), &entry, 1));
      state = next;
    }
  }
}

/// Encodes the source of each row, then steps through the texts about them.
static void forwardSources(const ForwardOptions &options, const Model &model,
                           const TensorFile &file, const Batch &sources) {
  Batch batch = readBatch(file, options.input, model, "decoder_input_ids", {});
  size_t rows = batch.tokens.size();
  if (sources.tokens.size() != rows)
    failInput(options.input, ": 'decoder_input_ids' has ", rows,
              " rows, but 'input_ids' ", sources.tokens.size());
  size_t width = model.getInfo().source_state_width;
  FloatTensorWriter output(
      options.output,
      {{"logits", {rows, batch.columns, model.getInfo().vocabulary}},
       {"source.states", {rows, sources.columns, width}}});
  Texts texts(model, batch);
  texts.encode(sources, output.getData(1));
  texts.step(options.cache ? 1 : batch.columns, output.getData(0), nullptr);
  output.commit();
}

static void forwardTexts(const ForwardOptions &options, const Model &model,
                         const Batch &batch) {
  size_t rows = batch.tokens.size(), drafts = options.drafts;
  size_t vocabulary = model.getInfo().vocabulary;
  size_t stateWidth = model.getInfo().state_width;
  std::vector<FloatTensor> tensors = {
      {"logits", {rows, batch.columns, vocabulary}}};
  if (drafts > 0) {
    tensors.push_back({"states", {rows, batch.columns, stateWidth}});
    tensors.push_back({"draft.logits", {rows, drafts, vocabulary}});
    tensors.push_back({"draft.states", {rows, drafts, stateWidth}});
  }
  // The runtime writes results straight into the file, so that they need no
  // memory of their own however many there are.
  FloatTensorWriter output(options.output, tensors);
  Texts texts(model, batch);
  texts.step(options.cache ? 1 : batch.columns, output.getData(0),
             drafts > 0 ? output.getData(1) : nullptr);
  if (drafts > 0)
    texts.draft(drafts, output.getData(0), output.getData(1), output.getData(2),
                output.getData(3));
  output.commit();
}

static void forward(const ForwardOptions &options) {
  Model model(options.model, options.threads, /*verify=*/false, options.nested);
  if (options.cache && model.embeds())
    failInput("--cache feeds one token at a time, but ", options.model,
              " embeds whole texts");
  if (options.drafts > 0 && !model.getInfo().has_draft)
    failInput("--drafts asks a draft head, but ", options.model,
              " has none; 'lapidary compile --draft' adds it");
  catchInterrupts();
  TensorFile file(options.input);
  Batch batch = readBatch(file, options.input, model, "input_ids",
                          file.readMatrix("attention_mask"));
  if (model.getInfo().has_encoder)
    return forwardSources(options, model, file, batch);
  if (!model.embeds())
    return forwardTexts(options, model, batch);
  FloatTensorWriter output(
      options.output,
      {{"embedding", {batch.tokens.size(), model.getInfo().embedding_width}}});
  model.embed(batch.tokens, output.getData(0));
  output.commit();
}

Action tool::defineForward(Options &options) {
  options.describe(
      "lapidary forward MODEL --input IN.safetensors --output OUT.safetensors "
      "[options]",
      "Computes logits, or embeddings. Reads 'input_ids' [batch, tokens], "
      "int64 or int32, and if it is\nthere 'attention_mask' of that shape (0: "
      "padding on the left; of texts to embed also on the\nright); writes "
      "'logits', float32 [batch, tokens, vocabulary], zero at padding, or\n"
      "'embedding', float32 [batch, width]. With --drafts also 'states', which "
      "the logits come from,\nand of the guesses after the last token "
      "'draft.logits' and 'draft.states'. A model with an\nencoder reads "
      "'input_ids' as the source and 'decoder_input_ids' as the text about it; "
      "its\nlogits are those of the text, and it writes 'source.states', too.",
      "lapidary forward gemma.lap --input ids.safetensors --output "
      "logits.safetensors");
  auto values = std::make_shared<ForwardOptions>();
  options.addOperand({"MODEL", "",
                      "a .lap file, or a checkpoint directory "
                      "(compiled for this machine once)"},
                     values->model);
  options.add({"--input", "FILE", "safetensors file to read"}, values->input);
  options.require();
  options.add({"--output", "FILE", "safetensors file to write"},
              values->output);
  options.require();
  options.addFlag({"--cache", "",
                   "feed one token at a time through the KV "
                   "cache instead of all in one step"},
                  values->cache);
  options.add({"--drafts", "N", "let the draft head guess N tokens"},
              values->drafts, {0, 4096});
  addNestedOption(options, values->nested);
  options.add({"--threads", "N", "threads", "all cores"}, values->threads,
              {0, 4096});
  return [values] { forward(*values); };
}
