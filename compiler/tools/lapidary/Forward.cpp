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

/// Token ids without padding, and where their logits go.
struct Sequence {
  std::vector<int32_t> tokens;
  /// In the file's row of `columns` places, the place of the first token.
  size_t start;
  float *logits;
};
} // namespace

/// How many places at the beginning of a row of the mask are padding.
static size_t countPadding(const std::string &path,
                           std::span<const int64_t> mask, size_t row) {
  size_t padding = 0;
  while (padding < mask.size() && mask[padding] == 0)
    ++padding;
  for (size_t i = padding; i < mask.size(); ++i)
    if (mask[i] != 1)
      failInput(path, ": row ", row, " of 'attention_mask' has ", mask[i],
                " in column ", i,
                "; expected zeros for padding on the left, "
                "then ones");
  return padding;
}

static std::vector<Sequence> readSequences(const std::string &path,
                                           const Model &model) {
  TensorFile file(path);
  std::optional<IntegerMatrix> ids = file.readMatrix("input_ids");
  std::optional<IntegerMatrix> mask = file.readMatrix("attention_mask");
  if (!ids)
    failInput(path, ": has no tensor 'input_ids'");
  if (mask && (mask->rows != ids->rows || mask->columns != ids->columns))
    failInput(path, ": 'attention_mask' has the shape [", mask->rows, ",",
              mask->columns, "], but 'input_ids' [", ids->rows, ",",
              ids->columns, "]");
  std::vector<Sequence> sequences(ids->rows);
  for (size_t row = 0; row < ids->rows; ++row) {
    size_t first = row * ids->columns;
    Sequence &sequence = sequences[row];
    sequence.start =
        mask
            ? countPadding(path,
                           std::span(mask->values).subspan(first, ids->columns),
                           row)
            : 0;
    for (size_t i = sequence.start; i < ids->columns; ++i) {
      int64_t id = ids->values[first + i];
      if (id < 0 || id >= model.getInfo().vocabulary)
        failInput(path, ": 'input_ids' has ", id, " in row ", row, ", column ",
                  i, "; the vocabulary ends at ",
                  model.getInfo().vocabulary - 1);
      sequence.tokens.push_back(id);
    }
    if (sequence.tokens.size() > model.getInfo().context)
      failInput(path, ": row ", row, " of 'input_ids' has ",
                sequence.tokens.size(), " tokens, but the context of ",
                model.getPath(), " holds ", model.getInfo().context);
  }
  return sequences;
}

/// Runs all sequences, each in pieces of at most `pieceSize` tokens, side by
/// side: a step takes the next piece of every one that is not done.
static void run(const Model &model, std::span<const Sequence> sequences,
                size_t pieceSize) {
  std::vector<Session> sessions;
  size_t longest = 0;
  for (const Sequence &sequence : sequences) {
    sessions.emplace_back(model);
    longest = std::max(longest, sequence.tokens.size());
  }
  Progress progress("computing");
  for (size_t begin = 0; begin < longest; begin += pieceSize) {
    std::vector<lapidary_step_entry> entries;
    for (size_t i = 0; i < sequences.size(); ++i) {
      const Sequence &sequence = sequences[i];
      if (begin >= sequence.tokens.size())
        continue;
      entries.push_back({sessions[i].get(), sequence.tokens.data() + begin,
                         std::min(pieceSize, sequence.tokens.size() - begin),
                         LAPIDARY_LOGITS_ALL,
                         sequence.logits + begin * model.getInfo().vocabulary});
    }
    check(lapidary_step(model.get(), entries.data(), entries.size()));
    progress.update(double(begin) / longest);
    stopIfInterrupted();
  }
}

static void forward(const ForwardOptions &options) {
  Model model(options.model, options.threads);
  catchInterrupts();
  std::vector<Sequence> sequences = readSequences(options.input, model);
  size_t columns = sequences.front().start + sequences.front().tokens.size();
  size_t vocabulary = model.getInfo().vocabulary;
  // The runtime writes logits straight into the file, so that they need no
  // memory of their own however many there are.
  FloatTensorWriter output(options.output, "logits",
                           {sequences.size(), columns, vocabulary});
  for (size_t row = 0; row < sequences.size(); ++row)
    sequences[row].logits =
        output.getData() + (row * columns + sequences[row].start) * vocabulary;
  run(model, sequences, options.cache ? 1 : columns);
  output.commit();
}

Action tool::defineForward(Options &options) {
  options.describe(
      "lapidary forward MODEL --input IN.safetensors --output OUT.safetensors "
      "[--cache]",
      "Computes logits. Reads 'input_ids' [batch, tokens], int64 or int32, and "
      "if it is there\n'attention_mask' of that shape (0: padding on the "
      "left); "
      "writes 'logits', float32\n[batch, tokens, vocabulary], zero at padding.",
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
