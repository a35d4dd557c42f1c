//===- Attention_test.cpp - What is appended and attended to ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A step of two sequences, one with a past, held to the formulas of the gemma
// dialect.
#include "CompiledKernels.h"
#include "TestRows.h"
#include "compiler/WeightRecipe.h"
#include "dialects/gemma/Formulas.h"
#include "dialects/kernel/Layouts.h"

#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using namespace lapidary;
using gemma::Tensor;
using kernel::KvFormat;

namespace {

constexpr int64_t kHeads = 4, kKvHeads = 2, kPageTokens = 32;
/// Where in a page the layer's part begins.
constexpr int64_t kOffset = 192;

/// Keys and values of all rows, heads side by side.
struct Rows {
  gemma::Batch batch;
  Tensor keys, values;
};

/// Positions [from, to) of a sequence.
void addRows(gemma::Batch &batch, int64_t sequence, int64_t from, int64_t to) {
  for (int64_t position = from; position < to; ++position)
    batch.rows.push_back({sequence, position});
}

Rows makeRows(gemma::Batch batch, int64_t dim, float seed) {
  int64_t count = batch.rows.size();
  return {std::move(batch), waves({count, kKvHeads, dim}, seed),
          waves({count, kKvHeads, dim}, seed + 1)};
}

void roundToBfloat16(Tensor &tensor) {
  for (float &value : tensor.values)
    value = llvm::bit_cast<float>(uint32_t(toBFloat16(value)) << 16);
}

/// How keys follow from values: the first `pairs` of `half` pairs turn.
struct Turning {
  int64_t half, pairs;
};

/// The pages of two sequences. What nobody wrote is some number.
class Pages {
public:
  Pages(int64_t dim, KvFormat format, bool valuesOnly = false) {
    int64_t bytes = kOffset + kernel::layerPageBytes(kKvHeads, dim, kPageTokens,
                                                     format, valuesOnly);
    for (auto &table : tables)
      for (void *&page : table) {
        memory.emplace_back(bytes);
        std::memset(memory.back().as<void>(), 0x40, bytes);
        page = memory.back().as<void>();
      }
  }

  /// The page table of each row.
  llvm::SmallVector<void **> tablesOf(const gemma::Batch &batch) {
    return llvm::map_to_vector(
        batch.rows, [&](auto place) { return tables[place.sequence]; });
  }
  template <typename T> const T *layer(int64_t sequence, int64_t page) const {
    return reinterpret_cast<const T *>(
        static_cast<const char *>(tables[sequence][page]) + kOffset);
  }

private:
  std::vector<AlignedBytes> memory;
  void *tables[2][2];
};

llvm::SmallVector<int32_t> positionsOf(const gemma::Batch &batch) {
  return llvm::map_to_vector(
      batch.rows, [](auto place) { return int32_t(place.position); });
}

std::string appendText(int64_t dim, KvFormat format, bool valuesOnly = false) {
  return llvm::formatv(R"(
    kernel.func @append(%x: !kernel.rows<{0} x f32>, %y: !kernel.rows<{0} x f32>, %pages: !kernel.pages,
                        %positions: !kernel.list, %offset: !kernel.offset)
        attributes {{unit = #kernel.unit<row>, slices = 1 : i64} {{
      %k = kernel.load %x : !kernel.rows<{0} x f32> -> !kernel.row<{0}>
      %v = kernel.load %y : !kernel.rows<{0} x f32> -> !kernel.row<{0}>
      kernel.{4} %v cache(%pages, %positions, %offset)
        {{heads = {1} : i64, page_tokens = {2} : i64, kv_format = #kernel.kv_format<{3}>} : !kernel.row<{0}>
    })",
                       kKvHeads * dim, kKvHeads, kPageTokens,
                       kernel::stringifyKvFormat(format),
                       valuesOnly ? "append_values" : "append %k,")
      .str();
}

void append(const CompiledKernels &kernels, const Rows &rows, Pages &pages) {
  AlignedBytes keys = floatRows(rows.keys), values = floatRows(rows.values);
  llvm::SmallVector<void **> tables = pages.tablesOf(rows.batch);
  llvm::SmallVector<int32_t> positions = positionsOf(rows.batch);
  kernels.run(0,
              {keys.as<void>(), values.as<void>(), tables.data(),
               positions.data(), asOperand(kOffset)},
              0, rows.batch.rows.size());
}

/// Looks for `rows` in the pages by the words of Layouts.h.
template <typename T>
void expectInPages(const Rows &rows, const Pages &pages, int64_t dim,
                   llvm::function_ref<T(float)> convert) {
  for (auto [row, place] : llvm::enumerate(rows.batch.rows)) {
    auto [sequence, position] = place;
    const T *layer = pages.layer<T>(sequence, position / kPageTokens);
    int64_t slot = position % kPageTokens, perHead = kPageTokens * dim;
    for (int64_t head = 0; head < kKvHeads; ++head)
      for (int64_t d = 0; d < dim; ++d) {
        const T *keys = layer + head * perHead;
        const T *values = layer + (kKvHeads + head) * perHead;
        EXPECT_EQ(keys[slot / 16 * 16 * dim + d * 16 + slot % 16],
                  convert(rows.keys.row(row * kKvHeads + head)[d]));
        EXPECT_EQ(values[slot * dim + d],
                  convert(rows.values.row(row * kKvHeads + head)[d]));
      }
  }
}

TEST(Append, LaysKeysAcrossAndValuesAlong) {
  for (int64_t dim : {7, 16, 40})
    forHostTargets([&](const Target &target) {
      gemma::Batch batch;
      addRows(batch, 0, 30, 35);
      addRows(batch, 1, 0, 3);
      Rows rows = makeRows(batch, dim, 0.1f);
      Pages floats(dim, KvFormat::F32), halves(dim, KvFormat::BF16);
      append({appendText(dim, KvFormat::F32), target}, rows, floats);
      append({appendText(dim, KvFormat::BF16), target}, rows, halves);
      expectInPages<float>(rows, floats, dim, [](float x) { return x; });
      expectInPages<uint16_t>(rows, halves, dim, toBFloat16);
      // A neighbour is as it was.
      EXPECT_EQ(floats.layer<uint32_t>(1, 0)[3], 0x40404040u);
    });
}

class AttentionTest : public testing::Test {
protected:
  AttentionTest() {
    context.loadDialect<gemma::GemmaDialect, kernel::KernelDialect>();
    addRows(past, 0, 0, 30);
    addRows(step, 0, 30, 45);
    addRows(step, 1, 0, 5);
    addRows(source, 0, 0, 9);
    addRows(source, 1, 0, 40);
  }

  /// Compares with the formula, with heads of `dim` and maybe with a source.
  void expectFormula(int64_t dim, gemma::Sight sight,
                     KvFormat format = KvFormat::F32, bool hasSource = false,
                     std::optional<Turning> turning = {}) {
    int64_t width = kHeads * dim, count = step.rows.size();
    sight.scale = 0.2f;
    Rows before = makeRows(past, dim, 0.1f), now = makeRows(step, dim, 0.2f);
    Rows other = makeRows(source, dim, 0.15f);
    if (format == KvFormat::BF16)
      for (Tensor *tensor :
           {&before.keys, &before.values, &now.keys, &now.values})
        roundToBfloat16(*tensor);
    Tensor query = waves({count, kHeads, dim}, 0.3f);
    gemma::Cache cache, sourceCache;
    gemma::append(before.keys, before.values, past, cache);
    gemma::append(now.keys, now.values, step, cache);
    gemma::append(other.keys, other.values, source, sourceCache);
    Tensor keyWeight = waves({dim}, 0.4f), frequencies({0});
    auto kv = gemma::KvType::get(&context, kKvHeads, dim, turning.has_value());
    if (turning) {
      frequencies = frequenciesOf(*turning);
      cache = gemma::deriveKeys(cache, kv, keyWeight, rotationOf(*turning));
    }
    Tensor expected = gemma::attention(
        query, kv, cache, hasSource ? &sourceCache : nullptr, step, sight);

    std::string text = appendText(dim, format, turning.has_value());
    text +=
        llvm::formatv(R"(
      kernel.func @attention(%q: !kernel.rows<{0} x f32>, %y: !kernel.rows<{0} x f32>, %blocks: !kernel.list, %positions: !kernel.list,
                             %pages: !kernel.pages, %offset: !kernel.offset, %ends: !kernel.list, %source: !kernel.pages, %source_ends: !kernel.list,
                             %w: !kernel.vector<{3}>, %f: !kernel.vector<{11}>)
          attributes {{unit = #kernel.unit<block>, slices = {2} : i64} {{
        kernel.attention %q to %y blocks(%blocks, %positions) {6} cache(%pages, %offset) {10} {12}
          {{heads = {1} : i64, kv_heads = {2} : i64, head_dim = {3} : i64, scale = 0.2 : f32, window = {4} : i64, {7} ahead = {9} : i64,
           page_tokens = {5} : i64, kv_format = #kernel.kv_format<{8}>} : !kernel.rows<{0} x f32> to !kernel.rows<{0} x f32>
      })",
                      width, kHeads, kKvHeads, dim, sight.window, kPageTokens,
                      sight.bidirectional ? "ends(%ends)" : "",
                      sight.softcap ? "softcap = 1.5 : f32," : "",
                      kernel::stringifyKvFormat(format), sight.ahead,
                      hasSource ? "source(%source, %offset, %source_ends)" : "",
                      turning ? turning->half : 1,
                      turning ? keysText(dim, *turning) : "")
            .str();
    forHostTargets([&](const Target &target) {
      CompiledKernels kernels(text, target);
      Pages pages(dim, format, turning.has_value());
      append(kernels, before, pages);
      append(kernels, now, pages);
      Pages sourcePages(dim, format);
      append(kernels, other, sourcePages);
      AlignedBytes queries = floatRows(query);
      AlignedBytes result(queries.size());
      result.spoil();
      // The first sequence is cut into blocks.
      int32_t blocks[] = {0, 7, 7, 7, 14, 1, 15, 5};
      std::vector<int32_t> ends(15, 45);
      ends.resize(count, 5);
      std::vector<int32_t> sourceEnds(15, 9);
      sourceEnds.resize(count, 40);
      llvm::SmallVector<void **> tables = pages.tablesOf(step);
      llvm::SmallVector<void **> sourceTables = sourcePages.tablesOf(step);
      llvm::SmallVector<int32_t> positions = positionsOf(step);
      kernels.run(1,
                  {queries.as<void>(), result.as<void>(), blocks,
                   positions.data(), tables.data(), asOperand(kOffset),
                   ends.data(), sourceTables.data(), sourceEnds.data(),
                   keyWeight.values.data(), frequencies.values.data()},
                  0, 4 * kKvHeads);
      for (int64_t row = 0; row < count; ++row)
        expectRow(result, row, expected.row(row), 3e-6);
    });
  }

  gemma::RotationAttr rotationOf(Turning turning) {
    mlir::Builder builder(&context);
    return gemma::RotationAttr::get(
        &context, 2 * turning.half, builder.getF32FloatAttr(kBase),
        builder.getF32FloatAttr(1.0f), turning.pairs);
  }

  static Tensor frequenciesOf(Turning turning) {
    Tensor result({turning.half});
    for (int64_t j = 0; j < turning.pairs; ++j)
      result.values[j] = 1.0f / std::pow(kBase, float(j) / turning.half);
    return result;
  }

  static std::string keysText(int64_t dim, Turning turning) {
    return llvm::formatv(
        "keys(%w, %f, {0} : !kernel.vector<{1}>, !kernel.vector<{2}>)",
        turning.pairs, dim, turning.half);
  }

  static constexpr float kBase = 100.0f;
  mlir::MLIRContext context;
  gemma::Batch past, step, source;
};

TEST_F(AttentionTest, SeesThePast) {
  for (int64_t dim : {7, 16, 40, 64})
    expectFormula(dim, {});
}

TEST_F(AttentionTest, SeesAWindowOfThePast) {
  for (int64_t window : {1, 3, 16, 20})
    expectFormula(16, {.window = window});
}

TEST_F(AttentionTest, SeesTheWholeSequenceUpToItsEnd) {
  for (int64_t dim : {7, 16, 40})
    expectFormula(dim, {.bidirectional = true});
}

TEST_F(AttentionTest, SeesAWindowToBothSides) {
  for (int64_t window : {1, 3, 16, 20})
    for (int64_t ahead : {window - 1, window + 4})
      expectFormula(16,
                    {.window = window, .bidirectional = true, .ahead = ahead});
}

TEST_F(AttentionTest, SeesASourceBesides) {
  for (int64_t dim : {7, 16})
    for (int64_t window : {0, 3})
      expectFormula(dim, {.window = window}, KvFormat::F32, /*hasSource=*/true);
}

TEST_F(AttentionTest, ReadsBfloat16) {
  expectFormula(16, {.window = 20, .bidirectional = true, .ahead = 19},
                KvFormat::BF16);
}

TEST_F(AttentionTest, MakesKeysOfValues) {
  for (auto [dim, half, pairs] : {std::array<int64_t, 3>{16, 8, 8},
                                  {16, 8, 2},
                                  {16, 4, 3},
                                  {40, 16, 16},
                                  {48, 16, 16},
                                  {16, 8, 0}}) {
    Turning turning = {half, pairs};
    expectFormula(dim, {}, KvFormat::F32, /*hasSource=*/false, turning);
    expectFormula(dim, {.window = 20}, KvFormat::BF16, /*hasSource=*/false,
                  turning);
  }
}

TEST_F(AttentionTest, BoundsScores) { expectFormula(16, {.softcap = 1.5f}); }

} // namespace
