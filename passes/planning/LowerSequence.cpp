//===- LowerSequence.cpp - What rows know of their sequence -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/kernel/Layouts.h"
#include "passes/planning/Lowering.h"

using namespace mlir;
using namespace lapidary;
using kernel::GridUnit;
using kernel::GridUnitAttr;
using kernel::RowFormat;

/// Pages of a window that are worth a slice for each strand.
static constexpr int64_t kLeastPages = 4;

bool lapidary::hasStrands(gemma::AttentionOp op, int64_t pageTokens) {
  int64_t window = op.getWindow();
  return !window || window >= kLeastPages * pageTokens;
}

/// With keys, or with values only.
void Lowering::lowerAppend(TypedValue<gemma::KvType> result, StringRef cache,
                           ValueRange heads) {
  gemma::KvType type = result.getType();
  cacheOf[result] = cache;
  std::string name =
      (Twine(type.getValuesOnly() ? "append_values_" : "append_") +
       Twine(type.getHeads()) + "x" + Twine(type.getDim()))
          .str();
  dispatchRows(
      {name,
       "",
       cache,
       GridUnit::Row,
       SmallVector<Value>(heads),
       {},
       {pagesOf(cache), step(plan::StepList::Positions), offsetOf(cache)},
       {}},
      [&](OpBuilder &b, ValueRange rows,
          ValueRange places) -> SmallVector<Value> {
        auto heads = b.getI64IntegerAttr(type.getHeads());
        auto tokens = b.getI64IntegerAttr(shared.pageTokens);
        auto kv = kernel::KvFormatAttr::get(b.getContext(), shared.kv);
        if (type.getValuesOnly())
          kernel::AppendValuesOp::create(b, result.getLoc(), rows[0], places[0],
                                         places[1], places[2], heads, tokens,
                                         kv);
        else
          kernel::AppendOp::create(b, result.getLoc(), rows[0], rows[1],
                                   places[0], places[1], places[2], heads,
                                   tokens, kv);
        return {};
      });
}

void Lowering::lowerAttention(gemma::AttentionOp op) {
  StringRef cache = cacheOf.lookup(op.getKv());
  gemma::KvType type = op.getKv().getType();
  int64_t kvHeads = type.getHeads(), dim = type.getDim();
  int64_t width = widthOf(op.getResult()), heads = width / dim;
  // A head of whole groups is written as its readers multiply.
  RowFormat format =
      dim % kernel::kGroup ? RowFormat::F32 : readFormat(op.getResult());
  Value query = rowsIn(RowFormat::F32, op.getQuery(), cache);
  Value result = buffer("attention", width, format);
  GridUnit unit = op.getWanted() ? GridUnit::Wanted : GridUnit::Row;
  define(op.getResult(), {result}, unit);
  bool strands = inStrands && hasStrands(op, shared.pageTokens);
  Value written = result;
  if (strands)
    written =
        buffer("strands", width + 2 * heads, RowFormat::F32, kernel::kStrands);
  SmallVector<Value> operands = {
      query,
      written,
      step(op.getWanted() ? plan::StepList::Wanted : plan::StepList::Blocks),
      step(plan::StepList::Positions),
      pagesOf(cache),
      offsetOf(cache)};
  if (op.getBidirectional()) {
    // What an encoder has read ends elsewhere than the text does.
    bool isSource = op.getKv().getDefiningOp<gemma::PastOp>() &&
                    shared.getCache(cache).group.getSource();
    operands.push_back(
        step(isSource ? plan::StepList::SourceEnds : plan::StepList::Ends));
  }
  if (op.getSource()) {
    StringRef source = cacheOf.lookup(op.getSource());
    operands.append(
        {pagesOf(source), offsetOf(source), step(plan::StepList::SourceEnds)});
  }
  std::string name =
      (Twine("attention_") + (type.getValuesOnly() ? "values_" : "") +
       (strands ? "strands_" : "") + Twine(heads) + "_" + Twine(kvHeads) + "x" +
       Twine(dim) +
       (op.getWindow() ? "_window_" + Twine(op.getWindow()) : Twine("")))
          .str();
  std::optional<gemma::RotationAttr> rotation = op.getRotation();
  if (rotation)
    operands.append({packed(op.getKeyWeight()), frequenciesOf(*rotation)});
  int64_t ahead = op.getBidirectional() && op.getWindow()
                      ? op.getAhead().value_or(op.getWindow() - 1)
                      : 0;
  std::string key =
      numberKey(op.getSoftcapAttr()) + numberKey(op.getScaleAttr()) +
      std::to_string(ahead) +
      (rotation ? "_" + std::to_string(rotation->getPairs()) : "");
  dispatch(
      name, key, operands, op.getWanted() ? GridUnit::Wanted : GridUnit::Block,
      strands ? kvHeads * kernel::kStrands : kvHeads, cache,
      [&](OpBuilder &b, ValueRange a) {
        auto next = [&](bool isThere) {
          Value value = isThere ? a.front() : Value();
          a = a.drop_front(isThere);
          return value;
        };
        auto integer = [&](int64_t value) {
          return b.getI64IntegerAttr(value);
        };
        Value query = next(true), result = next(true), list = next(true);
        Value positions = next(true), pages = next(true);
        Value offset = next(true), ends = next(op.getBidirectional());
        bool hasSource = op.getSource() != nullptr;
        Value sourcePages = next(hasSource), sourceOffset = next(hasSource);
        Value sourceEnds = next(hasSource);
        Value keyWeight = next(rotation.has_value());
        Value frequencies = next(rotation.has_value());
        kernel::AttentionOp::create(
            b, op.getLoc(), query, result, list, positions, ends, pages, offset,
            sourcePages, sourceOffset, sourceEnds, keyWeight, frequencies,
            rotation ? integer(rotation->getPairs()) : IntegerAttr(),
            integer(heads), integer(kvHeads), integer(dim), op.getScaleAttr(),
            op.getWindowAttr(), integer(ahead), op.getSoftcapAttr(),
            integer(shared.pageTokens),
            kernel::KvFormatAttr::get(b.getContext(), shared.kv),
            op.getWantedAttr(), strands ? b.getUnitAttr() : UnitAttr());
      });
  if (strands)
    mergeStrands(op, written, result, cache);
}

void Lowering::mergeStrands(gemma::AttentionOp op, Value strands, Value result,
                            StringRef cache) {
  int64_t width = widthOf(op.getResult());
  int64_t heads = width / op.getKv().getType().getDim();
  std::string name =
      (Twine("merge_strands_") + Twine(heads) + "x" + Twine(width / heads))
          .str();
  auto rowType = kernel::RowType::get(module.getContext(), width);
  dispatchRows(
      {name,
       "",
       cache,
       op.getWanted() ? GridUnit::Wanted : GridUnit::Row,
       {},
       {},
       {strands},
       {result}},
      [&](OpBuilder &b, ValueRange, ValueRange places) -> SmallVector<Value> {
        return {kernel::MergeStrandsOp::create(b, op.getLoc(), rowType,
                                               places[0], heads)};
      });
}

void Lowering::lowerBlockLinear(gemma::BlockLinearOp op) {
  StringRef label = nameOf(op.getWeight());
  GridUnit unit = unitOf(op.getInput());
  Value input = rowsIn(RowFormat::F32, op.getInput(), label);
  Value result = place(op.getResult(), "blocks");
  define(op.getResult(), {result}, unit);
  std::string name = "block_linear_" + std::to_string(widthOf(op.getResult()));
  auto rows = GridUnitAttr::get(module.getContext(), unit);
  dispatch(name, Twine(op.getBlocks()) + stringifyGridUnit(unit),
           {input, packed(op.getWeight()), result}, GridUnit::One,
           op.getBlocks(), label, [&](OpBuilder &b, ValueRange a) {
             kernel::BlockLinearOp::create(b, op.getLoc(), a[0], a[1], a[2],
                                           rows);
           });
}

/// Slices of a kernel that has some columns of all rows in each.
static int64_t columnSlices(int64_t width) {
  return kernel::padded(width) / kernel::kPadding;
}

void Lowering::lowerCausalConv(gemma::CausalConvOp op) {
  int64_t width = widthOf(op.getResult());
  Value input = rowsIn(RowFormat::F32, op.getInput(), op.getState());
  Value result = place(op.getResult(), "convolved");
  define(op.getResult(), {result}, GridUnit::Row);
  dispatch("causal_conv_" + std::to_string(width), "",
           {input, packed(op.getWeight()), packed(op.getBias()), result,
            pagesOf(op.getState()), step(plan::StepList::Positions),
            offsetOf(op.getState())},
           GridUnit::One, columnSlices(width), op.getState(),
           [&](OpBuilder &b, ValueRange a) {
             kernel::CausalConvOp::create(b, op.getLoc(), a[0], a[1], a[2],
                                          a[3], a[4], a[5], a[6]);
           });
}

void Lowering::lowerRgLru(gemma::RgLruOp op) {
  int64_t width = widthOf(op.getResult());
  StringRef label = op.getState();
  Value result = place(op.getResult(), "recurrence");
  define(op.getResult(), {result}, GridUnit::Row);
  dispatch("rg_lru_" + std::to_string(width), "",
           {rowsIn(RowFormat::F32, op.getInput(), label),
            rowsIn(RowFormat::F32, op.getInputGate(), label),
            rowsIn(RowFormat::F32, op.getRecurrenceGate(), label),
            packed(op.getRate()), result, pagesOf(label),
            step(plan::StepList::Positions), offsetOf(label)},
           GridUnit::One, columnSlices(width), label,
           [&](OpBuilder &b, ValueRange a) {
             kernel::RgLruOp::create(b, op.getLoc(), a[0], a[1], a[2], a[3],
                                     a[4], a[5], a[6], a[7]);
           });
}
