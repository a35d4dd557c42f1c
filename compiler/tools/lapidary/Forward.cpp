//===- Forward.cpp - lapidary forward ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Commands.h"
#include "compiler/tools/lapidary/Failure.h"
#include "compiler/tools/lapidary/Model.h"
#include "compiler/tools/lapidary/Progress.h"
#include "compiler/tools/lapidary/Signals.h"
#include "compiler/tools/lapidary/TensorFile.h"

#include <memory>

using namespace lapidary;
using namespace lapidary::tool;

namespace {
struct ForwardOptions {
  std::string model, input, output;
  bool cache = false;
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
/// tokens become one vector, it may be on the right as well.
static Columns findTokens(const std::string &path, const Model &model,
                          std::span<const int64_t> mask, size_t row) {
  auto skip = [&](size_t column, int64_t value) {
    while (column < mask.size() && mask[column] == value)
      ++column;
    return column;
  };
  size_t begin = skip(0, 0), end = skip(begin, 1);
  size_t wrong = model.embeds() ? skip(end, 0) : end;
  if (wrong < mask.size())
    failInput(path, ": row ", row, " of 'attention_mask' has ", mask[wrong],
              " in column ", wrong, "; expected zeros for padding on the left",
              model.embeds() ? ", ones, and zeros on the right"
                             : ", then ones");
  return {begin, end};
}

static std::vector<int32_t> checkTokens(const std::string &path,
                                        const Model &model,
                                        std::span<const int64_t> ids,
                                        Columns columns, size_t row) {
  std::vector<int32_t> tokens;
  for (size_t i = columns.begin; i < columns.end; ++i) {
    if (ids[i] < 0 || ids[i] >= model.getInfo().vocabulary)
      failInput(path, ": 'input_ids' has ", ids[i], " in row ", row,
                ", column ", i, "; the vocabulary ends at ",
                model.getInfo().vocabulary - 1);
    tokens.push_back(ids[i]);
  }
  if (tokens.size() > model.getInfo().context)
    failInput(path, ": row ", row, " of 'input_ids' has ", tokens.size(),
              " tokens, but ", model.describeContext());
  if (tokens.empty() && model.embeds())
    failInput(path, ": row ", row, " of 'input_ids' has no tokens to embed");
  return tokens;
}

static Batch readBatch(const std::string &path, const Model &model) {
  TensorFile file(path);
  std::optional<IntegerMatrix> ids = file.readMatrix("input_ids");
  std::optional<IntegerMatrix> mask = file.readMatrix("attention_mask");
  if (!ids)
    failInput(path, ": has no tensor 'input_ids'");
  if (mask && (mask->rows != ids->rows || mask->columns != ids->columns))
    failInput(path, ": 'attention_mask' has the shape [", mask->rows, ",",
              mask->columns, "], but 'input_ids' [", ids->rows, ",",
              ids->columns, "]");
  Batch batch{ids->columns, {}, {}};
  for (size_t row = 0; row < ids->rows; ++row) {
    auto cut = [&](const IntegerMatrix &matrix) {
      return std::span(matrix.values).subspan(row * ids->columns, ids->columns);
    };
    Columns columns = mask ? findTokens(path, model, cut(*mask), row)
                           : Columns{0, ids->columns};
    batch.tokens.push_back(checkTokens(path, model, cut(*ids), columns, row));
    batch.starts.push_back(columns.begin);
  }
  return batch;
}

/// Writes the logits of all places, in pieces of at most `pieceSize` tokens
/// side by side: a step takes the next piece of every row that is not done.
static void run(const Model &model, const Batch &batch, size_t pieceSize,
                float *logits) {
  std::vector<Session> sessions;
  size_t longest = 0;
  for (const std::vector<int32_t> &tokens : batch.tokens) {
    sessions.emplace_back(model);
    longest = std::max(longest, tokens.size());
  }
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
                         LAPIDARY_LOGITS_ALL,
                         logits + place * model.getInfo().vocabulary});
    }
    check(lapidary_step(model.get(), entries.data(), entries.size()));
    progress.update(double(begin) / longest);
    stopIfInterrupted();
  }
}

static void forward(const ForwardOptions &options) {
  Model model(options.model, options.threads);
  if (options.cache && model.embeds())
    failInput("--cache feeds one token at a time, but ", options.model,
              " embeds whole texts");
  catchInterrupts();
  Batch batch = readBatch(options.input, model);
  size_t rows = batch.tokens.size();
  // The runtime writes results straight into the file, so that they need no
  // memory of their own however many there are.
  if (model.embeds()) {
    FloatTensorWriter output(options.output, "embedding",
                             {rows, model.getInfo().embedding_width});
    model.embed(batch.tokens, output.getData());
    return output.commit();
  }
  FloatTensorWriter output(options.output, "logits",
                           {rows, batch.columns, model.getInfo().vocabulary});
  run(model, batch, options.cache ? 1 : batch.columns, output.getData());
  output.commit();
}

Action tool::defineForward(Options &options) {
  options.describe(
      "lapidary forward MODEL --input IN.safetensors --output OUT.safetensors "
      "[--cache]",
      "Computes logits, or embeddings. Reads 'input_ids' [batch, tokens], "
      "int64 "
      "or int32, and if it is\nthere 'attention_mask' of that shape (0: "
      "padding "
      "on the left; of texts to embed also on the\nright); writes 'logits', "
      "float32 [batch, tokens, vocabulary], zero at padding, or\n'embedding', "
      "float32 [batch, width].",
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
  options.add({"--threads", "N", "threads", "all cores"}, values->threads,
              {0, 4096});
  return [values] { forward(*values); };
}
