//===- Recurrence_test.cpp - What goes on from a state ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two steps of two sequences, held to the formulas of the gemma dialect.
#include "CompiledKernels.h"
#include "TestRows.h"
#include "compiler/WeightRecipe.h"
#include "dialects/gemma/Formulas.h"
#include "dialects/kernel/Layouts.h"

#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using namespace lapidary;
using gemma::Tensor;

namespace {

/// Where in a page the layer's part begins.
constexpr int64_t kOffset = 192;
/// One that needs all of its last slice, and some that do not.
constexpr int64_t kWidths[] = {5, 64, 72, 130};

/// Positions [from, to) of a sequence.
void addRows(gemma::Batch &batch, int64_t sequence, int64_t from, int64_t to) {
  for (int64_t position = from; position < to; ++position)
    batch.rows.push_back({sequence, position});
}

/// The first step, and one in which sequences go on, begin and begin again.
std::vector<gemma::Batch> makeSteps() {
  std::vector<gemma::Batch> steps(2);
  addRows(steps[0], 0, 0, 5);
  addRows(steps[0], 1, 0, 1);
  addRows(steps[1], 1, 1, 3);
  addRows(steps[1], 2, 0, 2);
  addRows(steps[1], 0, 5, 6);
  steps.emplace_back();
  addRows(steps[2], 0, 0, 2);
  return steps;
}

/// One page for each of three sequences. What nobody wrote is no number.
class Pages {
public:
  explicit Pages(int64_t bytes) {
    for (void *&page : pages) {
      memory.emplace_back(kOffset + bytes);
      memory.back().spoil();
      page = memory.back().as<void>();
    }
  }

  /// The page table of each row.
  llvm::SmallVector<void **> tablesOf(const gemma::Batch &batch) {
    return llvm::map_to_vector(
        batch.rows, [&](auto place) { return &pages[place.sequence]; });
  }
  void expectNeighbourSpoilt() {
    for (AlignedBytes &page : memory)
      expectSpoilt(page, 0, kOffset);
  }

private:
  std::vector<AlignedBytes> memory;
  void *pages[3];
};

llvm::SmallVector<int32_t> positionsOf(const gemma::Batch &batch) {
  return llvm::map_to_vector(
      batch.rows, [](auto place) { return int32_t(place.position); });
}

/// Runs the kernel of `text` for each step and compares with `formula`. The
/// kernel takes `inputs` rows, then `vectors`, then what `text` names for the
/// state, which is `stateRows` rows long.
void expectSteps(
    const std::string &text, int64_t width, int64_t inputs,
    std::vector<AlignedBytes> vectors, int64_t stateRows,
    llvm::function_ref<Tensor(llvm::ArrayRef<Tensor>, const gemma::Batch &,
                              gemma::State &)>
        formula) {
  forHostTargets([&](const Target &target) {
    CompiledKernels kernels(text, target);
    int64_t slices = kernel::padded(width) / kernel::kPadding;
    Pages pages(4 * stateRows * kernel::padded(width));
    gemma::State state;
    for (const gemma::Batch &batch : makeSteps()) {
      int64_t count = batch.rows.size();
      std::vector<Tensor> tensors;
      std::vector<AlignedBytes> rows;
      llvm::SmallVector<void *> operands;
      for (int64_t i = 0; i < inputs; ++i) {
        tensors.push_back(waves({count, width}, 0.1f * i + count));
        rows.push_back(floatRows(tensors.back()));
      }
      for (std::vector<AlignedBytes> *list : {&rows, &vectors})
        for (AlignedBytes &bytes : *list)
          operands.push_back(bytes.as<void>());
      AlignedBytes result(rows.front().size());
      result.spoil();
      llvm::SmallVector<void **> tables = pages.tablesOf(batch);
      llvm::SmallVector<int32_t> positions = positionsOf(batch);
      operands.append({result.as<void>(), tables.data(), positions.data(),
                       asOperand(kOffset)});
      // Slices in any order.
      for (int64_t slice = slices - 1; slice >= 0; --slice)
        kernels.run(0, operands, slice, slice + 1, count);
      Tensor expected = formula(tensors, batch, state);
      for (int64_t row = 0; row < count; ++row)
        expectRow(result, row, expected.row(row), 3e-6);
    }
    pages.expectNeighbourSpoilt();
  });
}

/// A vector as kernels read it.
AlignedBytes pad(const Tensor &vector) {
  return floatRows(Tensor({1, vector.width()}, vector.values));
}

TEST(Recurrence, ConvolvesRowsWithTheirPast) {
  for (int64_t taps : {2, 4})
    for (int64_t width : kWidths) {
      Tensor weight = waves({taps * width}, 0.4f), bias = waves({width}, 0.5f);
      std::string text = llvm::formatv(R"(
        kernel.func @conv(%x: !kernel.rows<{0} x f32>, %w: !kernel.vector<{1}>, %b: !kernel.vector<{0}>,
                          %y: !kernel.rows<{0} x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset)
            attributes {{unit = #kernel.unit<one>, slices = {2} : i64} {{
          kernel.causal_conv %x, %w, %b to %y state(%pages, %positions, %offset)
            : !kernel.rows<{0} x f32>, !kernel.vector<{1}>, !kernel.vector<{0}>
        })",
                                       width, taps * width,
                                       kernel::padded(width) / kernel::kPadding)
                             .str();
      std::vector<AlignedBytes> vectors;
      vectors.push_back(pad(weight));
      vectors.push_back(pad(bias));
      expectSteps(text, width, 1, std::move(vectors), taps - 1,
                  [&](llvm::ArrayRef<Tensor> inputs, const gemma::Batch &batch,
                      gemma::State &state) {
                    return gemma::causalConv(inputs[0], weight, bias, batch,
                                             state);
                  });
    }
}

TEST(Recurrence, GoesOnFromTheStateOfEachSequence) {
  for (int64_t width : kWidths) {
    Tensor rate = gemma::softplus(waves({width}, 0.4f));
    std::string text =
        llvm::formatv(R"(
      kernel.func @lru(%x: !kernel.rows<{0} x f32>, %i: !kernel.rows<{0} x f32>, %r: !kernel.rows<{0} x f32>, %rate: !kernel.vector<{0}>,
                       %y: !kernel.rows<{0} x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset)
          attributes {{unit = #kernel.unit<one>, slices = {1} : i64} {{
        kernel.rg_lru %x, %i, %r, %rate to %y state(%pages, %positions, %offset)
          : !kernel.rows<{0} x f32>, !kernel.vector<{0}>
      })",
                      width, kernel::padded(width) / kernel::kPadding)
            .str();
    std::vector<AlignedBytes> vectors;
    vectors.push_back(pad(rate));
    expectSteps(text, width, 3, std::move(vectors), 1,
                [&](llvm::ArrayRef<Tensor> inputs, const gemma::Batch &batch,
                    gemma::State &state) {
                  return gemma::rgLru(inputs[0], inputs[1], inputs[2], rate,
                                      batch, state);
                });
  }
}

/// Compares the product with `blocks` blocks of `inner` by `outer`.
void expectBlocks(int64_t blocks, int64_t inner, int64_t outer, bool isBf16) {
  int64_t rows = 7, width = blocks * inner, result = blocks * outer;
  Tensor input = waves({rows, width}, 0.1f);
  Tensor weight = waves({width, outer}, 0.2f);
  const char *format = isBf16 ? "bf16" : "f32";
  std::string text = llvm::formatv(R"(
    kernel.func @blocks(%x: !kernel.rows<{0} x f32>, %w: !kernel.table<{0} x {1} x {3}>, %y: !kernel.rows<{2} x f32>)
        attributes {{unit = #kernel.unit<one>, slices = {4} : i64} {{
      kernel.block_linear %x, %w to %y rows <row> : !kernel.rows<{0} x f32>, !kernel.table<{0} x {1} x {3}> to !kernel.rows<{2} x f32>
    })",
                                   width, outer, result, format, blocks)
                         .str();
  mlir::MLIRContext context;
  context.loadDialect<kernel::KernelDialect>();
  auto type = kernel::TableType::get(&context, width, outer,
                                     isBf16 ? kernel::WeightFormat::BF16
                                            : kernel::WeightFormat::F32);
  int64_t stride = kernel::tableStride(type);
  AlignedBytes table(stride * width);
  for (int64_t i = 0; i < width; ++i)
    for (int64_t o = 0; o < outer; ++o) {
      float &w = weight.row(i)[o];
      char *row = table.as<char>() + stride * i;
      if (isBf16) {
        uint16_t bits = toBFloat16(w);
        w = llvm::bit_cast<float>(uint32_t(bits) << 16);
        std::memcpy(row + 2 * o, &bits, 2);
      } else {
        std::memcpy(row + 4 * o, &w, 4);
      }
    }
  Tensor expected = gemma::blockLinear(input, weight, blocks);
  forHostTargets([&](const Target &target) {
    CompiledKernels kernels(text, target);
    AlignedBytes x = floatRows(input);
    AlignedBytes y(rows * 4 * kernel::padded(result));
    y.spoil();
    kernels.run(0, {x.as<void>(), table.as<void>(), y.as<void>()}, 0, blocks,
                rows);
    for (int64_t row = 0; row < rows; ++row)
      expectRow(y, row, expected.row(row), 5e-6);
  });
}

TEST(Recurrence, MultipliesEachBlockByItsMatrix) {
  for (bool isBf16 : {false, true}) {
    expectBlocks(3, 24, 24, isBf16);
    expectBlocks(2, 7, 5, isBf16);
    expectBlocks(2, 32, 64, isBf16);
    expectBlocks(1, 16, 20, isBf16);
  }
}

} // namespace
