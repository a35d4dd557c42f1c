//===- SharedPlan.cpp - What the programs of a module share -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "passes/planning/SharedPlan.h"
#include "dialects/kernel/Layouts.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <map>

using namespace mlir;
using namespace lapidary;
using kernel::GridUnit;

SharedPlan::SharedPlan(ModuleOp module, kernel::KvFormat kv, int64_t pageTokens)
    : module(module), kv(kv), pageTokens(pageTokens),
      builder(module.getContext()) {
  builder.setInsertionPoint(*module.getOps<func::FuncOp>().begin());
  createCaches();
  createStates();
  findMultiplied();
}

static std::string groupName(int64_t window, bool isSource) {
  return (Twine(isSource ? "source_" : "") +
          (window ? "window_" + Twine(window) : Twine("full")))
      .str();
}

void SharedPlan::createCaches() {
  std::map<std::string, plan::CacheOp> groups;
  for (auto cache :
       llvm::make_early_inc_range(module.getOps<gemma::CacheOp>())) {
    int64_t window = cache.getWindow();
    std::string name = groupName(window, cache.getSource());
    plan::CacheOp &group = groups[name];
    if (!group)
      group = plan::CacheOp::create(builder, cache.getLoc(), name, window,
                                    pageTokens, 0, cache.getSource());
    auto type = cast<gemma::KvType>(cache.getType());
    int64_t offset = group.getPageBytes();
    caches[cache.getSymName()] = {group, type, offset};
    group.setPageBytes(
        offset + kernel::layerPageBytes(type.getHeads(), type.getDim(),
                                        pageTokens, kv, type.getValuesOnly()));
    if (type.getValuesOnly())
      group.setSavedBytes(group.getSavedBytes() + group.getPageBytes() -
                          offset);
    cache.erase();
  }
}

void SharedPlan::createStates() {
  plan::CacheOp group;
  for (auto state :
       llvm::make_early_inc_range(module.getOps<gemma::StateOp>())) {
    if (!group)
      group = plan::CacheOp::create(builder, state.getLoc(), "state",
                                    /*window=*/0, /*page_tokens=*/0, 0);
    ArrayRef<int64_t> shape = cast<ShapedType>(state.getType()).getShape();
    int64_t offset = group.getPageBytes();
    caches[state.getSymName()] = {group, {}, offset};
    group.setPageBytes(offset +
                       shape[0] * kernel::padded(shape[1]) * sizeof(float));
    state.erase();
  }
}

static bool isMatrix(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  return type && type.getRank() == 2 && type.hasStaticShape();
}

void SharedPlan::findMultiplied() {
  for (auto function : module.getOps<func::FuncOp>())
    for (Operation &op : function.getBody().front())
      if (!gemma::isWeightOp(&op) &&
          !isa<gemma::EmbedOp, gemma::BlockLinearOp>(op))
        for (Value operand : op.getOperands())
          if (isMatrix(operand)) {
            std::string recipe = gemma::recipeOf(operand);
            multiplied.insert(recipe);
            auto linear = dyn_cast<gemma::LinearOp>(op);
            if (!linear)
              partial.insert(recipe);
            else if (isHead(linear) &&
                     linear.getProduct() == gemma::Product::Int8)
              heads.insert(recipe);
          }
}

bool lapidary::isHead(gemma::LinearOp op) {
  if (!op->hasOneUse() || op.getPostNormWeight() || op.getResidual())
    return false;
  auto end = dyn_cast<func::ReturnOp>(*op->user_begin());
  auto function = op->getParentOfType<func::FuncOp>();
  // Of what goes on from states all is shown.
  if (!end || op->use_begin()->getOperandNumber() != 0 ||
      function.getNumArguments() > 2)
    return false;
  return llvm::any_of(function.getOps<gemma::EmbedOp>(), [&](auto embed) {
    return embed.getTable().getType().getDimSize(0) ==
           op.getType().getDimSize(1);
  });
}

/// What `weight` is the first rows and columns of.
static std::string cornerOf(Value weight) {
  Operation *op = weight.getDefiningOp();
  auto slice = dyn_cast_if_present<gemma::SliceOp>(op);
  if (slice && llvm::all_of(slice.getAt(), [](int64_t i) { return i == 0; }))
    return cornerOf(slice.getInput());
  // What goes row by row and by groups of columns.
  if (!isa_and_present<gemma::ConvertOp, gemma::InterleaveRowsOp>(op))
    return gemma::recipeOf(weight);
  std::string text = (op->getName().getStringRef() + "<").str();
  llvm::raw_string_ostream(text) << getElementTypeOrSelf(weight);
  for (Value operand : op->getOperands())
    text += "," + cornerOf(operand);
  return text + ">";
}

Value SharedPlan::findWhole(Value matrix) {
  Value &whole = wholes[cornerOf(matrix)];
  if (!whole)
    return whole = matrix;
  auto type = cast<ShapedType>(matrix.getType());
  auto wholeType = cast<ShapedType>(whole.getType());
  // A part begins where the whole does and ends with a block of it.
  auto fits = [&](int64_t index, int64_t block) {
    int64_t size = type.getDimSize(index), all = wholeType.getDimSize(index);
    return size == all || (size < all && size % block == 0);
  };
  bool isCorner = fits(0, kernel::kRowPadding) && fits(1, kernel::kPadding);
  return isCorner ? whole : matrix;
}

StringRef SharedPlan::getKernel(StringRef name, StringRef key,
                                ArrayRef<Type> arguments, GridUnit unit,
                                int64_t slices, BodyBuilder build) {
  kernel::FuncOp &func = kernelsByKey[key];
  if (func)
    return func.getSymName();
  std::string unique = name.str();
  for (int i = 2; !kernelNames.insert(unique).second; ++i)
    unique = (name + "_" + Twine(i)).str();
  func = kernel::FuncOp::create(builder, module.getLoc(), unique, arguments,
                                unit, slices);
  OpBuilder inside = OpBuilder::atBlockBegin(&func.getBody().front());
  build(inside, func.getBody().getArguments());
  return func.getSymName();
}
