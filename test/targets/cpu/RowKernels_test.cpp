//===- RowKernels_test.cpp - What row kernels compute -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels are compiled, run on rows of odd widths and held to the formulas of
// the gemma dialect. Whatever they compute, zeros are behind it.
#include "CompiledKernels.h"
#include "TestRows.h"
#include "compiler/Packing.h"
#include "dialects/gemma/Formulas.h"
#include "dialects/kernel/Layouts.h"

#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace lapidary;
using gemma::Tensor;
using kernel::RowFormat;
using kernel::WeightFormat;

namespace {

// Kernels are run for the rows in between; no other may change.
constexpr int64_t kRows = 4, kFirst = 1, kLast = 3;
constexpr int64_t kWidths[] = {1, 7, 16, 40, 64, 100};

/// A row of heads; a plain row has one.
struct Shape {
  int64_t width, dim;
};

std::vector<Shape> plainRows() {
  std::vector<Shape> shapes;
  for (int64_t width : kWidths)
    shapes.push_back({width, width});
  return shapes;
}

std::vector<Shape> heads(llvm::ArrayRef<int64_t> dims) {
  std::vector<Shape> shapes;
  for (int64_t dim : dims)
    for (int64_t count : {1, 3})
      shapes.push_back({count * dim, dim});
  return shapes;
}

/// What the kernels of `expectRows` are given.
struct Inputs {
  explicit Inputs(Shape shape)
      : a(waves({kRows, shape.width}, 0.1f)),
        b(waves({kRows, shape.width}, 0.2f)),
        c(waves({kRows, shape.dim}, 0.3f)), w(waves({shape.dim}, 0.4f)),
        one(waves({1}, 0.5f)) {
    // Nothing to divide by.
    llvm::fill(a.row(2), 0.0f);
  }
  Tensor a, b, c, w, one;
};

class RowKernels : public testing::Test {
protected:
  RowKernels() { context.loadDialect<gemma::GemmaDialect>(); }

  /// Runs `body` on rows of each shape. It makes %r of the rows %a and %b, {0}
  /// wide, %c, {1} wide, and the vectors %w, {1} wide, and %one.
  void expectRows(llvm::ArrayRef<Shape> shapes, const char *body,
                  llvm::function_ref<Tensor(const Inputs &)> formula,
                  double tolerance = 2e-6) {
    std::string text;
    for (auto [index, shape] : llvm::enumerate(shapes))
      text += llvm::formatv(R"(
        kernel.func @kernel{2}(%x: !kernel.rows<{0} x f32>, %y: !kernel.rows<{0} x f32>,
                               %z: !kernel.rows<{1} x f32>, %w: !kernel.vector<{1}>,
                               %one: !kernel.vector<1>, %out: !kernel.rows<{0} x f32>)
            attributes {{unit = #kernel.unit<row>, slices = 1 : i64} {{
          %a = kernel.load %x : !kernel.rows<{0} x f32> -> !kernel.row<{0}>
          %b = kernel.load %y : !kernel.rows<{0} x f32> -> !kernel.row<{0}>
          %c = kernel.load %z : !kernel.rows<{1} x f32> -> !kernel.row<{1}>
          {3}
          kernel.store %r, %out : !kernel.row<{0}>, !kernel.rows<{0} x f32>
        })",
                            shape.width, shape.dim, index,
                            llvm::formatv(/*Validate=*/false, body, shape.width,
                                          shape.dim)
                                .str())
                  .str();
    forHostTargets([&](const Target &target) {
      CompiledKernels kernels(text, target);
      for (auto [index, shape] : llvm::enumerate(shapes)) {
        Inputs inputs(shape);
        AlignedBytes x = floatRows(inputs.a), y = floatRows(inputs.b),
                     z = floatRows(inputs.c), one = floatRows(inputs.one);
        AlignedBytes w = floatRows(Tensor({1, shape.dim}, inputs.w.values));
        AlignedBytes out(x.size());
        out.spoil();
        kernels.run(index,
                    {x.as<void>(), y.as<void>(), z.as<void>(), w.as<void>(),
                     one.as<void>(), out.as<void>()},
                    kFirst, kLast);
        Tensor expected = formula(inputs);
        for (int64_t row = kFirst; row < kLast; ++row)
          expectRow(out, row, expected.row(row), tolerance);
        int64_t stride = out.size() / kRows;
        expectSpoilt(out, 0, kFirst * stride);
        expectSpoilt(out, kLast * stride, kRows * stride);
      }
    });
  }

  gemma::NormAttr norm(float epsilon) {
    mlir::Builder builder(&context);
    return gemma::NormAttr::get(&context, builder.getF32FloatAttr(epsilon),
                                builder.getF32FloatAttr(0));
  }

  mlir::MLIRContext context;
};

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

TEST_F(RowKernels, Add) {
  expectRows(
      plainRows(), "%r = kernel.add %a, %b : !kernel.row<{0}>",
      [](const Inputs &in) { return gemma::add(in.a, in.b); },
      /*tolerance=*/0);
}

TEST_F(RowKernels, Multiply) {
  expectRows(
      plainRows(), "%r = kernel.mul %a, %b : !kernel.row<{0}>",
      [](const Inputs &in) { return gemma::mul(in.a, in.b); },
      /*tolerance=*/0);
}

TEST_F(RowKernels, ScaleByAConstant) {
  expectRows(
      plainRows(), "%r = kernel.scale %a by -0.3 : !kernel.row<{0}>",
      [](const Inputs &in) { return gemma::scale(in.a, -0.3f); },
      /*tolerance=*/0);
}

TEST_F(RowKernels, ScaleByAWeightForEachColumn) {
  expectRows(
      plainRows(),
      "%r = kernel.scale_by %a, %w : !kernel.row<{0}>, !kernel.vector<{1}>",
      [](const Inputs &in) { return gemma::scaleBy(in.a, in.w); },
      /*tolerance=*/0);
}

TEST_F(RowKernels, AddAWeightForEachColumn) {
  expectRows(
      plainRows(),
      "%r = kernel.bias %a, %w : !kernel.row<{0}>, !kernel.vector<{1}>",
      [](const Inputs &in) { return gemma::bias(in.a, in.w); },
      /*tolerance=*/0);
}

TEST_F(RowKernels, ScaleByOneWeightForAll) {
  expectRows(
      plainRows(),
      "%r = kernel.scale_by %a, %one : !kernel.row<{0}>, !kernel.vector<1>",
      [](const Inputs &in) { return gemma::scaleBy(in.a, in.one); },
      /*tolerance=*/0);
}

TEST_F(RowKernels, ComputeGelu) {
  expectRows(plainRows(), "%r = kernel.gelu %a : !kernel.row<{0}>",
             [](const Inputs &in) { return gemma::gelu(in.a); });
}

TEST_F(RowKernels, ComputeSoftcap) {
  expectRows(plainRows(), "%r = kernel.softcap %a at 1.5 : !kernel.row<{0}>",
             [](const Inputs &in) { return gemma::softcap(in.a, 1.5f); });
}

TEST_F(RowKernels, KeepWhatExceedsTheGaussianTopK) {
  expectRows(plainRows(),
             "%r = kernel.gaussian_topk %a above 0.5 : !kernel.row<{0}>",
             [](const Inputs &in) { return gemma::gaussianTopK(in.a, 0.5f); });
}

TEST_F(RowKernels, KeepAlmostAllAboveALowCut) {
  // Zeros behind the row would exceed the cut, too.
  expectRows(plainRows(),
             "%r = kernel.gaussian_topk %a above -2.0 : !kernel.row<{0}>",
             [](const Inputs &in) { return gemma::gaussianTopK(in.a, -2.0f); });
}

TEST_F(RowKernels, NormalizeToLengthOne) {
  expectRows(plainRows(), "%r = kernel.l2_norm %a : !kernel.row<{0}>",
             [](const Inputs &in) { return gemma::l2Norm(in.a); });
}

TEST_F(RowKernels, MatchTheSizeOfAnotherRow) {
  expectRows(
      plainRows(),
      "%r = kernel.match_rms %a, %b floor 1.0e-5 : !kernel.row<{0}>",
      [](const Inputs &in) { return gemma::matchRms(in.a, in.b, 1e-5f); });
}

TEST_F(RowKernels, NormalizeARow) {
  expectRows(plainRows(),
             "%r = kernel.rms_norm %a, %w epsilon 1.0e-6 : !kernel.row<{0}>, "
             "!kernel.vector<{1}>",
             [&](const Inputs &in) {
               return gemma::rmsNorm(in.a, in.w, norm(1e-6f));
             });
}

TEST_F(RowKernels, NormalizeEachHead) {
  expectRows(heads(kWidths),
             "%r = kernel.rms_norm %a, %w epsilon 1.0e-3 : !kernel.row<{0}>, "
             "!kernel.vector<{1}>",
             [&](const Inputs &in) {
               return gemma::rmsNorm(in.a, in.w, norm(1e-3f));
             });
}

TEST_F(RowKernels, RotateEachHead) {
  expectRows(heads({2, 14, 16, 40, 64, 100}),
             "%r = kernel.rope %a, %c {{head_dim = {1} : i64} : "
             "!kernel.row<{0}>, !kernel.row<{1}>",
             [](const Inputs &in) {
               int64_t dim = in.c.width(), count = in.a.width() / dim;
               Tensor rotated =
                   gemma::rope(Tensor({kRows, count, dim}, in.a.values), in.c);
               return Tensor(in.a.shape, rotated.values);
             });
}

TEST_F(RowKernels, RotateSomeColumnsOfEachHead) {
  for (int64_t dim : {2, 14, 16, 20}) {
    std::string body =
        "%r = kernel.rope %a, %c {{head_dim = " + std::to_string(3 * dim) +
        " : i64} : !kernel.row<{0}>, !kernel.row<{1}>";
    expectRows(Shape{6 * dim, dim}, body.c_str(), [](const Inputs &in) {
      int64_t dim = 3 * in.c.width(), count = in.a.width() / dim;
      Tensor rotated =
          gemma::rope(Tensor({kRows, count, dim}, in.a.values), in.c);
      return Tensor(in.a.shape, rotated.values);
    });
  }
}

TEST_F(RowKernels, SumRowsByCoefficients) {
  std::vector<Shape> shapes = plainRows();
  expectRows(llvm::ArrayRef(shapes).drop_front(),
             "%r = kernel.weighted_sum %c from 4 of %a, %b, %a : "
             "!kernel.row<{1}>, !kernel.row<{0}>, !kernel.row<{0}>, "
             "!kernel.row<{0}> -> !kernel.row<{0}>",
             [](const Inputs &in) {
               Tensor result(in.a.shape);
               for (int64_t row = 0; row < kRows; ++row)
                 for (int64_t i = 0; i < in.a.width(); ++i) {
                   auto coefs = in.c.row(row);
                   float a = in.a.row(row)[i], b = in.b.row(row)[i];
                   result.row(row)[i] =
                       coefs[4] * a + coefs[5] * b + coefs[6] * a;
                 }
               return result;
             });
}

TEST_F(RowKernels, ChainOperationsAndReadRowsTwice) {
  expectRows(plainRows(), R"(%0 = kernel.gelu %a : !kernel.row<{0}>
         %1 = kernel.mul %0, %b : !kernel.row<{0}>
         %2 = kernel.rms_norm %1, %w epsilon 1.0e-6 : !kernel.row<{0}>, !kernel.vector<{1}>
         %3 = kernel.add %1, %2 : !kernel.row<{0}>
         %r = kernel.add %3, %0 : !kernel.row<{0}>)",
             [&](const Inputs &in) {
               Tensor gelu = gemma::gelu(in.a),
                      product = gemma::mul(gelu, in.b);
               Tensor normed = gemma::rmsNorm(product, in.w, norm(1e-6f));
               return gemma::add(gemma::add(product, normed), gelu);
             });
}

//===----------------------------------------------------------------------===//
// From memory
//===----------------------------------------------------------------------===//

TEST_F(RowKernels, LoadColumnsFromAnOffset) {
  std::string text;
  for (auto [index, width] : llvm::enumerate(kWidths))
    text += llvm::formatv(R"(
      kernel.func @kernel{2}(%x: !kernel.rows<{1} x f32>, %list: !kernel.list,
                             %offset: !kernel.offset, %out: !kernel.rows<{0} x f32>)
          attributes {{unit = #kernel.unit<wanted>, slices = 1 : i64} {{
        %0 = kernel.load %x at %list offset %offset : !kernel.rows<{1} x f32> -> !kernel.row<{0}>
        kernel.store %0, %out : !kernel.row<{0}>, !kernel.rows<{0} x f32>
      })",
                          width, 3 * width, index)
                .str();
  forHostTargets([&](const Target &target) {
    CompiledKernels kernels(text, target);
    int32_t list[] = {-1, 3, 0};
    for (auto [index, width] : llvm::enumerate(kWidths)) {
      Tensor input = waves({kRows, 3 * width}, 0.1f);
      AlignedBytes x = floatRows(input);
      for (int64_t from : {int64_t(0), width, 2 * width}) {
        AlignedBytes out(3 * kernel::padded(width) * sizeof(float));
        out.spoil();
        kernels.run(index,
                    {x.as<void>(), list,
                     asOperand(from * int64_t(sizeof(float))), out.as<void>()},
                    1, 3);
        for (int64_t row : {1, 2})
          expectRow(out, row, input.row(list[row]).slice(from, width), 0);
      }
    }
  });
}

TEST_F(RowKernels, TakeTheMeanOfASequence) {
  std::string text;
  for (auto [index, width] : llvm::enumerate(kWidths))
    text += llvm::formatv(R"(
      kernel.func @kernel{1}(%x: !kernel.rows<{0} x f32>, %wanted: !kernel.list, %positions: !kernel.list,
                             %ends: !kernel.list, %out: !kernel.rows<{0} x f32>)
          attributes {{unit = #kernel.unit<wanted>, slices = 1 : i64} {{
        %0 = kernel.mean %x of(%wanted, %positions, %ends) : !kernel.rows<{0} x f32> -> !kernel.row<{0}>
        kernel.store %0, %out : !kernel.row<{0}>, !kernel.rows<{0} x f32>
      })",
                          width, index)
                .str();
  gemma::Batch batch;
  batch.rows = {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {2, 0}, {2, 1}};
  batch.wanted = {5, 1, 3};
  int32_t wanted[] = {5, 1, 3}, positions[] = {0, 1, 2, 0, 0, 1},
          ends[] = {3, 3, 3, 1, 2, 2};
  forHostTargets([&](const Target &target) {
    CompiledKernels kernels(text, target);
    for (auto [index, width] : llvm::enumerate(kWidths)) {
      Tensor input = waves({6, width}, 0.1f);
      AlignedBytes x = floatRows(input);
      AlignedBytes out(3 * kernel::padded(width) * sizeof(float));
      out.spoil();
      kernels.run(
          index, {x.as<void>(), wanted, positions, ends, out.as<void>()}, 0, 3);
      Tensor expected = gemma::meanRows(input, batch);
      for (int64_t row = 0; row < 3; ++row)
        expectRow(out, row, expected.row(row), 1e-6);
    }
  });
}

TEST_F(RowKernels, MakeCosinesAndSinesOfAngles) {
  std::string text;
  for (auto [index, half] : llvm::enumerate(kWidths))
    text += llvm::formatv(R"(
      kernel.func @kernel{2}(%positions: !kernel.list, %f: !kernel.vector<{0}>, %out: !kernel.rows<{1} x f32>)
          attributes {{unit = #kernel.unit<row>, slices = 1 : i64} {{
        %0 = kernel.rope_table %positions, %f : !kernel.vector<{0}> -> !kernel.row<{1}>
        kernel.store %0, %out : !kernel.row<{1}>, !kernel.rows<{1} x f32>
      })",
                          half, 2 * half, index)
                .str();
  forHostTargets([&](const Target &target) {
    CompiledKernels kernels(text, target);
    int32_t positions[] = {0, 7, 8191};
    for (auto [index, half] : llvm::enumerate(kWidths)) {
      Tensor frequencies = waves({1, half}, 0.1f);
      AlignedBytes f = floatRows(frequencies);
      AlignedBytes out(3 * kernel::padded(2 * half) * sizeof(float));
      out.spoil();
      kernels.run(index, {positions, f.as<void>(), out.as<void>()}, 0, 3);
      for (int64_t row = 0; row < 3; ++row) {
        Tensor expected({1, 2 * half});
        for (int64_t j = 0; j < half; ++j) {
          float angle = float(positions[row]) * frequencies.values[j];
          expected.values[j] = std::cos(double(angle));
          expected.values[half + j] = std::sin(double(angle));
        }
        expectRow(out, row, expected.row(0), 1e-6);
      }
    }
  });
}

// What a table and a weight say of the same matrix.
TEST_F(RowKernels, LookUpTheSameRowsInTablesAsInWeights) {
  constexpr int64_t kTableRows = 37, kFallback = 3, kTokens = 5;
  constexpr WeightFormat kFormats[] = {WeightFormat::F32, WeightFormat::BF16,
                                       WeightFormat::Int8, WeightFormat::Int4};
  context.loadDialect<kernel::KernelDialect>();
  std::string text;
  for (WeightFormat format : kFormats)
    for (int64_t width : kWidths)
      for (llvm::StringRef kind : {"table", "weight"})
        text += llvm::formatv(R"(
          kernel.func @{0}_{1}_{3}(%tokens: !kernel.list, %t: !kernel.{0}<{2} x {1} x {3}>, %out: !kernel.rows<{1} x f32>)
              attributes {{unit = #kernel.unit<row>, slices = 1 : i64} {{
            %0 = kernel.embed %tokens, %t scale 3.0 fallback {4} : !kernel.{0}<{2} x {1} x {3}> -> !kernel.row<{1}>
            kernel.store %0, %out : !kernel.row<{1}>, !kernel.rows<{1} x f32>
          })",
                              kind, width, kTableRows,
                              kernel::stringifyWeightFormat(format), kFallback)
                    .str();
  // Two rows of one panel, the last row, and two that are not there.
  int32_t tokens[] = {0, 17, kTableRows - 1, kTableRows, 1 << 20};
  int64_t rows[] = {0, 17, kTableRows - 1, kFallback, kFallback};
  forHostTargets([&](const Target &target) {
    CompiledKernels kernels(text, target);
    size_t index = 0;
    for (WeightFormat format : kFormats)
      for (int64_t width : kWidths) {
        Waves recipe(kTableRows, width);
        auto table =
            kernel::TableType::get(&context, kTableRows, width, format);
        auto weight =
            kernel::WeightType::get(&context, kTableRows, width, format);
        AlignedBytes packedTable(kernel::packedBytes(table));
        AlignedBytes packedWeight = packWeight(recipe, weight);
        size_t stride = kernel::tableStride(table);
        for (int64_t row = 0; row < kTableRows; ++row)
          packTableRow(recipe, table, row,
                       {packedTable.as<char>() + row * stride, stride});

        AlignedBytes found(kTokens * kernel::padded(width) * sizeof(float));
        AlignedBytes expected(found.size());
        found.spoil();
        kernels.run(index++, {tokens, packedTable.as<void>(), found.as<void>()},
                    0, kTokens);
        kernels.run(index++,
                    {tokens, packedWeight.as<void>(), expected.as<void>()}, 0,
                    kTokens);
        EXPECT_EQ(
            std::memcmp(found.as<void>(), expected.as<void>(), found.size()), 0)
            << width << " columns in "
            << kernel::stringifyWeightFormat(format).str();
        if (format != WeightFormat::F32)
          continue;
        std::vector<float> row(width);
        for (auto [i, source] : llvm::enumerate(rows)) {
          recipe.computeRow(source, row);
          for (float &value : row)
            value *= 3.0f;
          expectRow(found, i, row, 0);
        }
      }
  });
}

//===----------------------------------------------------------------------===//
// To memory
//===----------------------------------------------------------------------===//

class Stores : public RowKernels {
protected:
  /// Stores rows of each width to `format` and gives them to `check`, with
  /// the bytes from one to the next.
  void store(
      RowFormat format,
      llvm::function_ref<void(const Tensor &, AlignedBytes &, int64_t)> check) {
    context.loadDialect<kernel::KernelDialect>();
    std::string text;
    for (int64_t width : kWidths)
      text += llvm::formatv(R"(
        kernel.func @store{0}(%x: !kernel.rows<{0} x f32>, %out: !kernel.rows<{0} x {1}>)
            attributes {{unit = #kernel.unit<row>, slices = 1 : i64} {{
          %0 = kernel.load %x : !kernel.rows<{0} x f32> -> !kernel.row<{0}>
          kernel.store %0, %out : !kernel.row<{0}>, !kernel.rows<{0} x {1}>
        })",
                            width, kernel::stringifyRowFormat(format))
                  .str();
    forHostTargets([&](const Target &target) {
      CompiledKernels kernels(text, target);
      for (auto [index, width] : llvm::enumerate(kWidths)) {
        Tensor input = waves({kRows, width}, 0.1f);
        llvm::fill(input.row(2), 0.0f);
        AlignedBytes x = floatRows(input);
        auto type = kernel::RowsType::get(&context, width, format);
        int64_t stride = kernel::rowStride(type);
        AlignedBytes out(kRows * stride);
        out.spoil();
        kernels.run(index, {x.as<void>(), out.as<void>()}, kFirst, kLast);
        check(input, out, stride);
        expectSpoilt(out, 0, kFirst * stride);
        expectSpoilt(out, kLast * stride, out.size());
      }
    });
  }
};

TEST_F(Stores, RoundToBfloat16WithZerosBehind) {
  store(RowFormat::BF16,
        [](const Tensor &input, AlignedBytes &out, int64_t stride) {
          for (int64_t row = kFirst; row < kLast; ++row) {
            auto *found = out.as<uint16_t>() + row * stride / 2;
            for (int64_t i = 0; i < kernel::padded(input.width()); ++i)
              ASSERT_EQ(found[i],
                        i < input.width() ? toBFloat16(input.row(row)[i]) : 0);
          }
        });
}

TEST_F(Stores, QuantizeGroupsWithScalesAndSumsBehind) {
  store(RowFormat::Q8, [](const Tensor &input, AlignedBytes &out,
                          int64_t stride) {
    int64_t width = input.width(), padded = kernel::padded(width);
    for (int64_t row = kFirst; row < kLast; ++row) {
      char *found = out.as<char>() + row * stride;
      std::vector<float> values(padded);
      llvm::copy(input.row(row), values.begin());
      for (int64_t group = 0; group < padded / kernel::kGroup; ++group) {
        auto numbers = llvm::ArrayRef(values).slice(group * kernel::kGroup,
                                                    kernel::kGroup);
        float peak = 0, scale;
        for (float number : numbers)
          peak = std::max(peak, std::abs(number));
        std::memcpy(&scale, found + kernel::rowScales(width) + 4 * group, 4);
        ASSERT_FLOAT_EQ(scale, peak / 127);
        int32_t total = 0, sum;
        for (auto [i, number] : llvm::enumerate(numbers)) {
          int8_t integer = found[group * kernel::kGroup + i];
          total += integer;
          if (peak == 0)
            ASSERT_EQ(integer, 0);
          else
            ASSERT_NEAR(integer, number * 127 / peak, 0.5001);
        }
        std::memcpy(&sum, found + kernel::rowSums(width) + 4 * group, 4);
        ASSERT_EQ(sum, total);
      }
    }
  });
}

TEST_F(Stores, WriteDenseRowsBesideEachOther) {
  store(RowFormat::Dense, [](const Tensor &input, AlignedBytes &out,
                             int64_t stride) {
    ASSERT_EQ(stride, input.width() * int64_t(sizeof(float)));
    for (int64_t row = kFirst; row < kLast; ++row)
      for (int64_t i = 0; i < input.width(); ++i)
        ASSERT_EQ(out.as<float>()[row * input.width() + i], input.row(row)[i]);
  });
}

} // namespace
