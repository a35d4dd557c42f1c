//===- WeightRecipe_test.cpp - Rows of derived weights ----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/Registration.h"
#include "compiler/WeightRecipe.h"
#include "test/frontends/huggingface/TestFiles.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"

using namespace lapidary;
using huggingface::getMessage;
using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;

namespace {

class WeightRecipeTest : public testing::Test {
protected:
  WeightRecipeTest() {
    mlir::DialectRegistry registry;
    registerEverything(registry);
    context.appendDialectRegistry(registry);
    const float floats[] = {1, 2, 3, 4, 5, 6};
    const uint16_t bfloats[] = {0x3f80, 0x4000, 0x4040}; // 1, 2, 3
    const uint16_t halves[] = {0x3c00, 0x4000, 0xc200};  // 1, 2, -3
    std::string bytes(reinterpret_cast<const char *>(floats), sizeof(floats));
    bytes.append(reinterpret_cast<const char *>(bfloats), sizeof(bfloats));
    bytes.append(reinterpret_cast<const char *>(halves), sizeof(halves));
    path = directory.write("weights", bytes);
  }

  /// The recipe of what a function with this body returns. In it, FILE is the
  /// file of weights; `a` is two rows of it, `b` the second, `c` the first, `v`
  /// the first as a vector.
  llvm::Expected<std::unique_ptr<WeightRecipe>> create(std::string body) {
    std::string text = R"(
      gemma.param @a : tensor<2x3xf32> from "FILE" at 0
      gemma.param @b : tensor<1x3xf32> from "FILE" at 12
      gemma.param @c : tensor<1x3xf32> from "FILE" at 0
      gemma.param @v : tensor<3xf32> from "FILE" at 0
      gemma.param @bfloats : tensor<3xbf16> from "FILE" at 24
      gemma.param @halves : tensor<3xf16> from "FILE" at 30
      gemma.param @beyond : tensor<4xf16> from "FILE" at 30
      gemma.param @absent : tensor<4xf16> from "absent" at 0
      func.func @f() -> tensor<*xf32> {
        %a = gemma.weight @a : tensor<2x3xf32>
        %b = gemma.weight @b : tensor<1x3xf32>
        %c = gemma.weight @c : tensor<1x3xf32>
        %v = gemma.weight @v : tensor<3xf32>
        )" + body + R"(
        %any = builtin.unrealized_conversion_cast %w : TYPE to tensor<*xf32>
        return %any : tensor<*xf32>
      })";
    replace(text, "FILE", path);
    replace(text, "TYPE", body.substr(body.rfind("tensor<")));
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    mlir::Value weight;
    module->walk([&](mlir::UnrealizedConversionCastOp cast) {
      weight = cast.getOperand(0);
    });
    return WeightRecipe::create(weight, files);
  }

  /// A row of such a recipe, which must be there.
  std::vector<float> computeRow(std::string body, int64_t row,
                                size_t width = 3) {
    std::vector<float> result(width);
    auto recipe = create(std::move(body));
    EXPECT_TRUE(static_cast<bool>(recipe));
    llvm::cantFail(std::move(recipe))->computeRow(row, result);
    return result;
  }

  huggingface::TemporaryDirectory directory;

private:
  static void replace(std::string &text, llvm::StringRef from,
                      const std::string &to) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;
         at += to.size())
      text.replace(at, from.size(), to);
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  SourceFiles files;
  std::string path;
};

TEST_F(WeightRecipeTest, ReadsEveryStoredType) {
  EXPECT_THAT(computeRow("%w = gemma.weight @a : tensor<2x3xf32>", 1),
              ElementsAre(4, 5, 6));
  EXPECT_THAT(computeRow("%w = gemma.weight @bfloats : tensor<3xbf16>", 0),
              ElementsAre(1, 2, 3));
  EXPECT_THAT(computeRow("%w = gemma.weight @halves : tensor<3xf16>", 0),
              ElementsAre(1, 2, -3));
}

TEST_F(WeightRecipeTest, PutsRowsBelowEachOther) {
  const char *body = "%w = gemma.concat_rows %b, %a : tensor<1x3xf32>, "
                     "tensor<2x3xf32> -> tensor<3x3xf32>";
  EXPECT_THAT(computeRow(body, 0), ElementsAre(4, 5, 6));
  EXPECT_THAT(computeRow(body, 1), ElementsAre(1, 2, 3));
  EXPECT_THAT(computeRow(body, 2), ElementsAre(4, 5, 6));
}

TEST_F(WeightRecipeTest, CutsBlocks) {
  const char *body = "%p = gemma.concat_rows %b, %a : tensor<1x3xf32>, "
                     "tensor<2x3xf32> -> tensor<3x3xf32>\n"
                     "%w = gemma.slice %p at [1, 1] : tensor<3x3xf32> -> "
                     "tensor<2x2xf32>";
  EXPECT_THAT(computeRow(body, 0, 2), ElementsAre(2, 3));
  EXPECT_THAT(computeRow(body, 1, 2), ElementsAre(5, 6));
}

TEST_F(WeightRecipeTest, AlternatesRows) {
  const char *body = "%w = gemma.interleave_rows %b, %c : tensor<1x3xf32> -> "
                     "tensor<2x3xf32>";
  EXPECT_THAT(computeRow(body, 0), ElementsAre(4, 5, 6));
  EXPECT_THAT(computeRow(body, 1), ElementsAre(1, 2, 3));
}

TEST_F(WeightRecipeTest, AlternatesHalvesOfEachBlock) {
  const char *body = "%p = gemma.concat_rows %a, %b, %c : tensor<2x3xf32>, "
                     "tensor<1x3xf32>, tensor<1x3xf32> -> tensor<4x3xf32>\n"
                     "%q = gemma.concat_rows %p, %p : tensor<4x3xf32>, "
                     "tensor<4x3xf32> -> tensor<8x3xf32>\n"
                     "%w = gemma.interleave_halves %q blocks 2 : "
                     "tensor<8x3xf32>";
  for (int64_t block : {0, 4}) {
    EXPECT_THAT(computeRow(body, block + 0), ElementsAre(1, 2, 3));
    EXPECT_THAT(computeRow(body, block + 1), ElementsAre(4, 5, 6));
    EXPECT_THAT(computeRow(body, block + 2), ElementsAre(4, 5, 6));
    EXPECT_THAT(computeRow(body, block + 3), ElementsAre(1, 2, 3));
  }
}

TEST_F(WeightRecipeTest, FillsVectors) {
  EXPECT_THAT(computeRow("%w = gemma.fill 0.5 : tensor<3xf32>", 0),
              ElementsAre(0.5, 0.5, 0.5));
}

TEST_F(WeightRecipeTest, AddsAnOffset) {
  EXPECT_THAT(computeRow("%w = gemma.offset %v by 10.0 : tensor<3xf32> -> "
                         "tensor<3xf32>",
                         0),
              ElementsAre(11, 12, 13));
}

TEST_F(WeightRecipeTest, MakesVectorsPositive) {
  EXPECT_THAT(computeRow("%w = gemma.softplus %v : tensor<3xf32> -> "
                         "tensor<3xf32>",
                         0),
              ElementsAre(FloatEq(1.3132617f), FloatEq(2.1269281f),
                          FloatEq(3.0485874f)));
}

TEST_F(WeightRecipeTest, RoundsToNarrowerFloats) {
  std::string body = "%o = gemma.offset %v by 0.00390625 : tensor<3xf32> -> "
                     "tensor<3xf32>\n"
                     "%w = gemma.convert %o : tensor<3xf32> -> ";
  EXPECT_THAT(computeRow(body + "tensor<3xbf16>", 0), ElementsAre(1, 2, 3));
  EXPECT_THAT(computeRow(body + "tensor<3xf16>", 0),
              ElementsAre(1.00390625f, 2.00390625f, 3.00390625f));
}

TEST_F(WeightRecipeTest, LeavesQuantizationToPacking) {
  EXPECT_THAT(computeRow("%w = gemma.convert %a : tensor<2x3xf32> -> "
                         "tensor<2x3x!gemma.quant<int4, group = 32>>",
                         0),
              ElementsAre(1, 2, 3));
}

TEST_F(WeightRecipeTest, NamesTheFileThatIsTooShort) {
  EXPECT_THAT(getMessage(create("%w = gemma.weight @beyond : tensor<4xf16>")),
              HasSubstr("weights' has 36 bytes, but a tensor ends at byte 38"));
}

TEST_F(WeightRecipeTest, NamesTheFileThatIsMissing) {
  EXPECT_THAT(getMessage(create("%w = gemma.weight @absent : tensor<4xf16>")),
              HasSubstr("'absent' cannot be read"));
}

TEST_F(WeightRecipeTest, RefusesWhatIsNoWeight) {
  EXPECT_THAT(getMessage(create("%w = arith.constant dense<0.0> : "
                                "tensor<2x3xf32>")),
              HasSubstr("'arith.constant' is no weight operation"));
}

} // namespace
