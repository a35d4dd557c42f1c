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

constexpr int64_t kHeads = 4, kKvHeads = 2, kPageTokens = 16;
/// Of a sequence: more than there are strands.
constexpr int64_t kPages = 12;
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

/// To what a cache of bytes keeps: for each head one scale.
void roundToBytes(Tensor &tensor) {
  size_t dim = tensor.shape.back();
  for (size_t first = 0; first < tensor.values.size(); first += dim) {
    llvm::MutableArrayRef<float> head(&tensor.values[first], dim);
    float peak = 0;
    for (float value : head)
      peak = std::max(peak, std::abs(value));
    for (float &value : head)
      value = std::nearbyint(value * (127.0f / peak)) * (peak / 127.0f);
  }
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
  void *tables[2][kPages];
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
  // Whole lines.
  int64_t perHead =
      llvm::alignTo(kPageTokens * dim * sizeof(T), 64) / sizeof(T);
  for (auto [row, place] : llvm::enumerate(rows.batch.rows)) {
    auto [sequence, position] = place;
    const T *layer = pages.layer<T>(sequence, position / kPageTokens);
    int64_t slot = position % kPageTokens;
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

/// Looks for `rows` in pages of bytes, whose scales follow them.
void expectBytesInPages(const Rows &rows, const Pages &pages, int64_t dim) {
  int64_t width = (dim + 3) / 4 * 4;
  int64_t perKeys = kernel::keyPageBytes(dim, kPageTokens, KvFormat::Int8);
  int64_t perValues = kernel::valuePageBytes(dim, kPageTokens, KvFormat::Int8);
  Rows rounded = rows;
  roundToBytes(rounded.keys);
  roundToBytes(rounded.values);
  auto scaleAt = [](const char *scales, int64_t slot) {
    return reinterpret_cast<const float *>(scales)[slot];
  };
  for (auto [row, place] : llvm::enumerate(rows.batch.rows)) {
    const char *layer =
        pages.layer<char>(place.sequence, place.position / kPageTokens);
    int64_t slot = place.position % kPageTokens;
    for (int64_t head = 0; head < kKvHeads; ++head) {
      const char *keys = layer + head * perKeys;
      const char *values = layer + kKvHeads * perKeys + head * perValues;
      for (int64_t d = 0; d < dim; ++d) {
        int key = static_cast<uint8_t>(keys[d / 4 * 64 + slot * 4 + d % 4]);
        EXPECT_NEAR((key - 128) * scaleAt(keys + width * kPageTokens, slot),
                    rounded.keys.row(row * kKvHeads + head)[d], 1e-6);
        EXPECT_NEAR(values[slot * dim + d] *
                        scaleAt(values + dim * kPageTokens, slot),
                    rounded.values.row(row * kKvHeads + head)[d], 1e-6);
      }
    }
  }
}

TEST(Append, RoundsToBytesWithAScaleForEachHead) {
  for (int64_t dim : {7, 16, 40})
    forHostTargets([&](const Target &target) {
      gemma::Batch batch;
      addRows(batch, 0, 30, 35);
      Rows rows = makeRows(batch, dim, 0.1f);
      Pages pages(dim, KvFormat::Int8);
      append({appendText(dim, KvFormat::Int8), target}, rows, pages);
      expectBytesInPages(rows, pages, dim);
    });
}

/// What of a layer differs between tests.
struct Layer {
  int64_t dim = 16;
  gemma::Sight sight = {};
  KvFormat format = KvFormat::F32;
  bool hasSource = false;
  std::optional<Turning> turning = {};

  int64_t width() const { return kHeads * dim; }
  int64_t strandsWidth() const { return width() + 2 * kHeads; }
};

class AttentionTest : public testing::Test {
protected:
  AttentionTest() {
    context.loadDialect<gemma::GemmaDialect, kernel::KernelDialect>();
    addRows(past, 0, 0, 130);
    addRows(step, 0, 130, 145);
    addRows(step, 1, 0, 5);
    addRows(source, 0, 0, 9);
    addRows(source, 1, 0, 40);
  }

  /// What the kernels compute with, as they keep it.
  static void round(const Layer &layer, std::initializer_list<Tensor *> rows) {
    for (Tensor *tensor : rows)
      if (layer.format == KvFormat::BF16)
        roundToBfloat16(*tensor);
      else if (layer.format == KvFormat::Int8)
        roundToBytes(*tensor);
  }

  /// Compares with the formula, and strands with what goes through all of them.
  void expectFormula(Layer layer) {
    int64_t dim = layer.dim, count = step.rows.size();
    layer.sight.scale = 0.1f;
    Rows before = makeRows(past, dim, 0.1f), now = makeRows(step, dim, 0.2f);
    Rows other = makeRows(source, dim, 0.15f);
    Tensor query = waves({count, kHeads, dim}, 0.3f);
    AlignedBytes queries = floatRows(query);
    Rows kept[] = {before, now, other};
    for (Rows &rows : kept)
      round(layer, {&rows.keys, &rows.values});
    if (layer.format == KvFormat::Int8 && !layer.turning)
      roundToBytes(query);
    gemma::Cache cache, sourceCache;
    gemma::append(kept[0].keys, kept[0].values, past, cache);
    gemma::append(kept[1].keys, kept[1].values, step, cache);
    gemma::append(kept[2].keys, kept[2].values, source, sourceCache);
    Tensor keyWeight = waves({dim}, 0.4f), frequencies({0});
    auto kv =
        gemma::KvType::get(&context, kKvHeads, dim, layer.turning.has_value());
    if (layer.turning) {
      frequencies = frequenciesOf(*layer.turning);
      cache =
          gemma::deriveKeys(cache, kv, keyWeight, rotationOf(*layer.turning));
    }
    Tensor expected = gemma::attention(query, kv, cache,
                                       layer.hasSource ? &sourceCache : nullptr,
                                       step, layer.sight);

    bool valuesOnly = layer.turning.has_value();
    std::string text = appendText(dim, layer.format, valuesOnly) +
                       attentionText(layer, /*strands=*/false) +
                       attentionText(layer, /*strands=*/true) +
                       mergeText(layer);
    forHostTargets([&](const Target &target) {
      CompiledKernels kernels(text, target);
      Pages pages(dim, layer.format, valuesOnly);
      append(kernels, before, pages);
      append(kernels, now, pages);
      Pages sourcePages(dim, layer.format);
      append(kernels, other, sourcePages);
      // The first sequence is cut into blocks.
      int32_t blocks[] = {0, 7, 7, 7, 14, 1, 15, 5};
      std::vector<int32_t> ends(15, 145);
      ends.resize(count, 5);
      std::vector<int32_t> sourceEnds(15, 9);
      sourceEnds.resize(count, 40);
      llvm::SmallVector<void **> tables = pages.tablesOf(step);
      llvm::SmallVector<void **> sourceTables = sourcePages.tablesOf(step);
      llvm::SmallVector<int32_t> positions = positionsOf(step);
      auto attend = [&](size_t kernel, AlignedBytes &result, int64_t slices) {
        result.spoil();
        kernels.run(kernel,
                    {queries.as<void>(), result.as<void>(), blocks,
                     positions.data(), tables.data(), asOperand(kOffset),
                     ends.data(), sourceTables.data(), sourceEnds.data(),
                     keyWeight.values.data(), frequencies.values.data()},
                    0, 4 * slices);
      };
      AlignedBytes result(queries.size()), merged(queries.size());
      attend(1, result, kKvHeads);
      for (int64_t row = 0; row < count; ++row)
        expectRow(result, row, expected.row(row), 3e-6);
      auto type = kernel::RowsType::get(&context, layer.strandsWidth(),
                                        kernel::RowFormat::F32);
      AlignedBytes strands(count * kernel::kStrands * kernel::rowStride(type));
      attend(2, strands, kKvHeads * kernel::kStrands);
      merged.spoil();
      kernels.run(3, {strands.as<void>(), merged.as<void>()}, 0, count);
      EXPECT_EQ(
          std::memcmp(result.as<char>(), merged.as<char>(), result.size()), 0);
    });
  }

  static std::string attentionText(const Layer &layer, bool strands) {
    std::string options = llvm::formatv(
        "heads = {0} : i64, kv_heads = {1} : i64, head_dim = {2} : i64, scale "
        "= 0.1 : f32, window = {3} : i64, ahead = {4} : i64, page_tokens = {5} "
        ": i64, kv_format = #kernel.kv_format<{6}>{7}",
        kHeads, kKvHeads, layer.dim, layer.sight.window, layer.sight.ahead,
        kPageTokens, kernel::stringifyKvFormat(layer.format),
        layer.sight.softcap ? ", softcap = 1.5 : f32" : "");
    std::string rows = llvm::formatv("!kernel.rows<{0} x f32>", layer.width());
    std::string result =
        llvm::formatv("!kernel.rows<{0} x f32>",
                      strands ? layer.strandsWidth() : layer.width());
    return llvm::formatv(
               R"(
      kernel.func @attention{0}(%q: {1}, %y: {2}, %blocks: !kernel.list, %positions: !kernel.list,
                             %pages: !kernel.pages, %offset: !kernel.offset, %ends: !kernel.list, %source: !kernel.pages, %source_ends: !kernel.list,
                             %w: !kernel.vector<{3}>, %f: !kernel.vector<{4}>)
          attributes {{unit = #kernel.unit<block>, slices = {5} : i64} {{
        kernel.attention %q to {0} %y blocks(%blocks, %positions) {6} cache(%pages, %offset) {7} {8}
          {{{9}} : {1} to {2}
      })",
               strands ? "strands" : "", rows, result, layer.dim,
               layer.turning ? layer.turning->half : 1,
               strands ? kKvHeads * kernel::kStrands : kKvHeads,
               layer.sight.bidirectional ? "ends(%ends)" : "",
               layer.turning ? keysText(layer.dim, *layer.turning) : "",
               layer.hasSource ? "source(%source, %offset, %source_ends)" : "",
               options)
        .str();
  }

  static std::string mergeText(const Layer &layer) {
    return llvm::formatv(
               R"(
      kernel.func @merge(%x: !kernel.rows<{1} x f32>, %y: !kernel.rows<{0} x f32>)
          attributes {{unit = #kernel.unit<row>, slices = 1 : i64} {{
        %0 = kernel.merge_strands %x {{heads = {2} : i64} : !kernel.rows<{1} x f32> -> !kernel.row<{0}>
        kernel.store %0, %y : !kernel.row<{0}>, !kernel.rows<{0} x f32>
      })",
               layer.width(), layer.strandsWidth(), kHeads)
        .str();
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
    expectFormula({.dim = dim});
}

TEST_F(AttentionTest, SeesAWindowOfThePast) {
  for (int64_t window : {1, 3, 16, 20, 140})
    expectFormula({.sight = {.window = window}});
}

TEST_F(AttentionTest, SeesTheWholeSequenceUpToItsEnd) {
  for (int64_t dim : {7, 16, 40})
    expectFormula({.dim = dim, .sight = {.bidirectional = true}});
}

TEST_F(AttentionTest, SeesAWindowToBothSides) {
  for (int64_t window : {1, 3, 16, 20})
    for (int64_t ahead : {window - 1, window + 4})
      expectFormula(
          {.sight = {.window = window, .bidirectional = true, .ahead = ahead}});
}

TEST_F(AttentionTest, SeesASourceBesides) {
  for (int64_t dim : {7, 16})
    for (int64_t window : {0, 3})
      expectFormula(
          {.dim = dim, .sight = {.window = window}, .hasSource = true});
}

TEST_F(AttentionTest, ReadsBfloat16) {
  expectFormula({.sight = {.window = 20, .bidirectional = true, .ahead = 19},
                 .format = KvFormat::BF16});
}

TEST_F(AttentionTest, ReadsBytes) {
  for (int64_t dim : {7, 16, 40, 64})
    for (int64_t window : {0, 20})
      expectFormula({.dim = dim,
                     .sight = {.window = window},
                     .format = KvFormat::Int8,
                     .hasSource = window == 20});
}

TEST_F(AttentionTest, MakesKeysOfValues) {
  for (auto [dim, half, pairs] : {std::array<int64_t, 3>{16, 8, 8},
                                  {16, 8, 2},
                                  {16, 4, 3},
                                  {40, 16, 16},
                                  {48, 16, 16},
                                  {16, 8, 0}}) {
    Turning turning = {half, pairs};
    expectFormula({.dim = dim, .turning = turning});
    expectFormula({.dim = dim,
                   .sight = {.window = 20},
                   .format = pairs > 8 ? KvFormat::Int8 : KvFormat::BF16,
                   .turning = turning});
  }
}

TEST_F(AttentionTest, BoundsScores) {
  expectFormula({.sight = {.softcap = 1.5f}});
}

} // namespace
