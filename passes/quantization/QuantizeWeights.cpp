//===- QuantizeWeights.cpp - Formats of weights and products ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/gemma/Recipe.h"
#include "passes/quantization/Passes.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

namespace lapidary {
#define GEN_PASS_DEF_QUANTIZEWEIGHTSPASS
#include "passes/quantization/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;
using gemma::BiasOp, gemma::ClusteredLinearOp, gemma::ConvertOp, gemma::EmbedOp;
using gemma::ExpertsOp, gemma::GatedLinearOp, gemma::LinearOp, gemma::RouteOp;
using gemma::Product, gemma::QuantType, gemma::RmsNormOp, gemma::ScaleByOp;

/// What a weight in `format` is made of.
static Type getElementType(MLIRContext *context, WeightFormat format) {
  switch (format) {
  case WeightFormat::Automatic:
    break;
  case WeightFormat::F32:
    return Float32Type::get(context);
  case WeightFormat::BF16:
    return BFloat16Type::get(context);
  case WeightFormat::Int8:
    return QuantType::get(context, 8, gemma::kActivationGroup);
  case WeightFormat::Int4:
    return QuantType::get(context, 4, gemma::kActivationGroup);
  }
  llvm_unreachable("resolved before types are asked for");
}

/// In what type a product with `weight` multiplies.
static Product getProduct(Value weight) {
  Type element = getElementTypeOrSelf(weight);
  if (isa<QuantType>(element))
    return Product::Int8;
  return element.isBF16() ? Product::BF16 : Product::F32;
}

namespace {
/// The tables that are heads, too, or all that a function knows of its tokens:
/// their errors reach every token.
class HeadTables {
public:
  explicit HeadTables(ModuleOp module) {
    llvm::StringSet<> lookedUp, multiplied;
    for (auto function : module.getOps<func::FuncOp>()) {
      llvm::StringSet<> own;
      function.walk([&](Operation *op) {
        if (auto embed = dyn_cast<EmbedOp>(op))
          own.insert(gemma::recipeOf(embed.getTable()));
        else if (auto linear = dyn_cast<LinearOp>(op))
          multiplied.insert(gemma::recipeOf(linear.getWeight()));
      });
      for (const auto &table : own)
        (own.size() == 1 ? recipes : lookedUp).insert(table.getKey());
    }
    for (const auto &table : lookedUp)
      if (multiplied.contains(table.getKey()))
        recipes.insert(table.getKey());
  }

  bool contains(Value weight) const {
    return recipes.contains(gemma::recipeOf(weight));
  }

private:
  llvm::StringSet<> recipes;
};
} // namespace

namespace {
/// Makes converted weights, one for each weight and type.
class Converter {
public:
  explicit Converter(MLIRContext *context) : builder(context) {}

  /// Lets `weight` have elements of type `element`, unless it would only
  /// change the width of integers.
  void convert(OpOperand &weight, Type element) {
    Value original = weight.get();
    auto type = cast<RankedTensorType>(original.getType());
    if (type.getElementType() == element ||
        (isa<QuantType>(type.getElementType()) && isa<QuantType>(element)))
      return;
    Value &converted = conversions[{original, element}];
    if (!converted) {
      builder.setInsertionPointAfterValue(original);
      converted = ConvertOp::create(builder, original.getLoc(),
                                    type.clone(element), original);
    }
    weight.set(converted);
  }

  /// Converts the matrix of `product` and lets it multiply accordingly.
  template <typename OpTy> void convertProduct(OpTy product, Type element) {
    convert(product.getWeightMutable(), element);
    product.setProduct(getProduct(product.getWeight()));
  }

  /// Converts all vectors that `op` reads.
  void convertVectors(Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      if (auto type = dyn_cast<RankedTensorType>(operand.get().getType());
          type && type.getRank() == 1 && type.hasStaticShape())
        convert(operand, builder.getF32Type());
  }

private:
  OpBuilder builder;
  DenseMap<std::pair<Value, Type>, Value> conversions;
};

struct QuantizeWeightsPass final
    : lapidary::impl::QuantizeWeightsPassBase<QuantizeWeightsPass> {
  using Base::Base;

  void runOnOperation() override {
    Type layerElement = getElementType(&getContext(), scheme);
    Type headElement = getElementType(&getContext(), getHeadFormat());
    HeadTables tables(getOperation());
    auto isHead = [&](LinearOp linear) {
      return tables.contains(linear.getWeight()) ||
             llvm::any_of(linear->getUsers(),
                          llvm::IsaPred<func::ReturnOp, ClusteredLinearOp>);
    };

    Converter converter(&getContext());
    getOperation().walk([&](Operation *op) {
      TypeSwitch<Operation *>(op)
          .Case([&](EmbedOp embed) {
            converter.convert(embed.getTableMutable(),
                              tables.contains(embed.getTable()) ? headElement
                                                                : layerElement);
          })
          .Case([&](LinearOp linear) {
            converter.convertProduct(linear, isHead(linear) ? headElement
                                                            : layerElement);
          })
          .Case([&](ClusteredLinearOp head) {
            converter.convertProduct(head, headElement);
          })
          .Case([&](GatedLinearOp gated) {
            converter.convertProduct(gated, layerElement);
          })
          .Case([&](ExpertsOp experts) {
            converter.convert(experts.getGateUpMutable(), layerElement);
            converter.convert(experts.getDownMutable(), layerElement);
            experts.setProduct(getProduct(experts.getDown()));
          });
      if (isa<RmsNormOp, LinearOp, GatedLinearOp, ScaleByOp, BiasOp, RouteOp,
              gemma::SubstituteOp>(op))
        converter.convertVectors(op);
    });
  }

  /// The format of the head, chosen where the user left it open.
  WeightFormat getHeadFormat() const {
    if (head != WeightFormat::Automatic)
      return head;
    return scheme == WeightFormat::Int4 ? WeightFormat::Int8 : scheme;
  }
};
} // namespace
