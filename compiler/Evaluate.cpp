//===- Evaluate.cpp - Files and tests around the evaluator ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/Evaluate.h"

#include "dialects/gemma/Evaluator.h"
#include "frontends/huggingface/SafeTensors.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/EndianStream.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

using namespace lapidary;
using gemma::Batch;
using gemma::Evaluator;
using gemma::Tensor;
using llvm::ArrayRef;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using mlir::func::FuncOp;

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

/// The function of a model that makes embeddings instead of logits.
static constexpr llvm::StringLiteral embedName = "embed";

namespace {
/// A matrix of integers: [sequences, tokens].
struct Integers {
  int64_t rows = 0, columns = 0;
  std::vector<int64_t> values;

  int64_t at(int64_t row, int64_t column) const {
    return values[row * columns + column];
  }
};

/// A token of the input, where it stands there and in its sequence.
struct InputToken {
  int64_t sequence, column, position;
  int32_t token;
};
} // namespace

static Expected<Integers> readIntegers(const huggingface::SafeTensors &file,
                                       StringRef name) {
  using huggingface::ElementType;
  const huggingface::Tensor *tensor = file.find(name);
  if (!tensor)
    return createStringError(file.getPath() + ": tensor '" + name +
                             "' is missing");
  bool isWide = tensor->type == ElementType::I64;
  if ((!isWide && tensor->type != ElementType::I32) ||
      tensor->shape.size() != 2)
    return createStringError(file.getPath() + ": tensor '" + name +
                             "': expected I32 or I64 of two dimensions, "
                             "found " +
                             getName(tensor->type) + " " +
                             huggingface::formatShape(tensor->shape));
  Integers result{tensor->shape[0], tensor->shape[1], {}};
  for (int64_t i = 0; i < result.rows * result.columns; ++i) {
    const uint8_t *bytes = tensor->bytes.data() + i * (isWide ? 8 : 4);
    result.values.push_back(
        isWide ? static_cast<int64_t>(llvm::support::endian::read64le(bytes))
               : static_cast<int32_t>(llvm::support::endian::read32le(bytes)));
  }
  return result;
}

/// Lists the tokens that the mask leaves, sequence by sequence.
static Expected<std::vector<InputToken>>
listTokens(const huggingface::SafeTensors &file, const Integers &ids) {
  Integers mask{ids.rows, ids.columns,
                std::vector<int64_t>(ids.values.size(), 1)};
  if (file.find("attention_mask")) {
    Expected<Integers> read = readIntegers(file, "attention_mask");
    if (!read)
      return read.takeError();
    mask = std::move(*read);
  }
  if (mask.rows != ids.rows || mask.columns != ids.columns)
    return createStringError(file.getPath() +
                             ": tensor 'attention_mask' does not have the "
                             "shape of 'input_ids'");
  std::vector<InputToken> tokens;
  for (int64_t sequence = 0; sequence < ids.rows; ++sequence) {
    int64_t position = 0;
    for (int64_t column = 0; column < ids.columns; ++column)
      if (mask.at(sequence, column))
        tokens.push_back({sequence, column, position++,
                          static_cast<int32_t>(ids.at(sequence, column))});
  }
  return tokens;
}

/// Runs one step; every logit is wanted.
static Expected<Tensor> runStep(Evaluator &evaluator,
                                ArrayRef<InputToken> tokens) {
  std::vector<int32_t> ids;
  Batch batch;
  for (const InputToken &token : tokens) {
    batch.wanted.push_back(batch.rows.size());
    batch.rows.push_back({token.sequence, token.position});
    ids.push_back(token.token);
  }
  return evaluator.step(ids, batch);
}

/// Splits `tokens` into steps by position.
static std::vector<std::vector<InputToken>>
cutIntoSteps(ArrayRef<InputToken> tokens, int64_t stepSize) {
  std::vector<std::vector<InputToken>> steps;
  for (const InputToken &token : tokens) {
    size_t step = stepSize > 0 ? token.position / stepSize : 0;
    steps.resize(std::max(steps.size(), step + 1));
    steps[step].push_back(token);
  }
  return steps;
}

static void write(StringRef name, const Tensor &tensor,
                  llvm::raw_ostream &stream) {
  llvm::json::Object entry{
      {"dtype", "F32"},
      {"shape", llvm::json::Array(tensor.shape)},
      {"data_offsets",
       llvm::json::Array({0, 4 * static_cast<int64_t>(tensor.values.size())})}};
  std::string header = llvm::formatv(
      "{0}", llvm::json::Value(llvm::json::Object{{name, std::move(entry)}}));
  header.resize(llvm::alignTo(header.size(), 8), ' ');
  llvm::support::endian::Writer writer(stream, llvm::endianness::little);
  writer.write<uint64_t>(header.size());
  stream << header;
  writer.write(ArrayRef(tensor.values));
}

/// Calls `text` step by step; the logits of all tokens.
static Expected<Tensor> evaluateText(Evaluator &evaluator, const Integers &ids,
                                     ArrayRef<InputToken> tokens,
                                     int64_t stepSize) {
  Tensor logits({ids.rows, ids.columns, 0});
  for (ArrayRef<InputToken> step : cutIntoSteps(tokens, stepSize)) {
    Expected<Tensor> result = runStep(evaluator, step);
    if (!result)
      return result.takeError();
    logits.shape.back() = result->width();
    logits.values.resize(llvm::product_of(logits.shape));
    for (auto [row, token] : llvm::enumerate(step))
      llvm::copy(
          result->row(row),
          logits.row(token.sequence * ids.columns + token.column).begin());
  }
  return logits;
}

/// Calls `embed` once; the embeddings of all sequences.
static Expected<Tensor> evaluateEmbed(Evaluator &evaluator, const Integers &ids,
                                      ArrayRef<InputToken> tokens) {
  Tensor input({static_cast<int64_t>(tokens.size())});
  Batch batch;
  for (auto [row, token] : llvm::enumerate(tokens)) {
    input.values[row] = token.token;
    batch.rows.push_back({token.sequence, token.position});
    if (token.position == 0)
      batch.wanted.push_back(row);
  }
  Expected<std::vector<Tensor>> results =
      evaluator.call(embedName, input, batch);
  if (!results)
    return results.takeError();
  const Tensor &found = results->front();
  Tensor embeddings({ids.rows, found.width()});
  for (auto [row, wanted] : llvm::enumerate(batch.wanted))
    llvm::copy(found.row(row),
               embeddings.row(batch.rows[wanted].sequence).begin());
  return embeddings;
}

Error lapidary::evaluateModel(mlir::ModuleOp module, StringRef input,
                              const EvaluateOptions &options,
                              llvm::raw_ostream &stream) {
  auto file = huggingface::SafeTensors::open(input);
  if (!file)
    return file.takeError();
  Expected<Integers> ids = readIntegers(**file, "input_ids");
  if (!ids)
    return ids.takeError();
  auto tokens = listTokens(**file, *ids);
  if (!tokens)
    return tokens.takeError();
  auto evaluator = Evaluator::create(module, options.sourceDirectory);
  if (!evaluator)
    return evaluator.takeError();
  bool embeds = module.lookupSymbol<FuncOp>(embedName) != nullptr;
  Expected<Tensor> result =
      embeds ? evaluateEmbed(**evaluator, *ids, *tokens)
             : evaluateText(**evaluator, *ids, *tokens, options.stepSize);
  if (!result)
    return result.takeError();
  write(embeds ? "embedding" : "logits", *result, stream);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Functions of tests
//===----------------------------------------------------------------------===//

static std::vector<int64_t> readList(mlir::Attribute attribute) {
  std::vector<int64_t> values;
  if (auto list = llvm::dyn_cast_or_null<mlir::ArrayAttr>(attribute))
    for (auto value : list.getAsRange<mlir::IntegerAttr>())
      values.push_back(value.getInt());
  return values;
}

/// The batch that the attributes of argument `index` describe.
static Expected<Batch> readBatch(FuncOp function, unsigned index) {
  Batch batch;
  if (auto rows =
          function.getArgAttrOfType<mlir::ArrayAttr>(index, "gemma.rows"))
    for (mlir::Attribute row : rows) {
      std::vector<int64_t> place = readList(row);
      if (place.size() != 2)
        return createStringError("function '" + function.getName() +
                                 "': expected 'gemma.rows' to list pairs of "
                                 "sequence and position");
      batch.rows.push_back({place[0], place[1]});
    }
  batch.wanted = readList(function.getArgAttr(index, "gemma.wanted"));
  return batch;
}

static Expected<Batch> findBatch(FuncOp function) {
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
    if (llvm::isa<gemma::BatchType>(type))
      return readBatch(function, index);
  return Batch();
}

static void print(const Tensor &tensor, llvm::raw_ostream &stream) {
  for (int64_t row = 0; row < tensor.rows(); ++row) {
    llvm::interleave(
        tensor.row(row), stream,
        [&](float value) { stream << llvm::format("%.6g", value); }, " ");
    stream << '\n';
  }
}

Error lapidary::evaluateFunctions(mlir::ModuleOp module, StringRef entry,
                                  const EvaluateOptions &options,
                                  llvm::raw_ostream &stream) {
  auto evaluator = Evaluator::create(module, options.sourceDirectory);
  if (!evaluator)
    return evaluator.takeError();
  if (!entry.empty() && !module.lookupSymbol<FuncOp>(entry))
    return createStringError("the module has no function '" + entry + "'");
  for (FuncOp function : module.getOps<FuncOp>()) {
    if (!entry.empty() && function.getName() != entry)
      continue;
    Expected<Batch> batch = findBatch(function);
    if (!batch)
      return batch.takeError();
    auto results = (*evaluator)->call(function.getName(), {}, *batch);
    if (!results)
      return results.takeError();
    stream << function.getName() << ":\n";
    for (const Tensor &result : *results)
      print(result, stream);
  }
  return Error::success();
}
