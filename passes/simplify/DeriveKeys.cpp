//===- DeriveKeys.cpp - Keys that follow from values ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/gemma/Recipe.h"
#include "passes/simplify/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"

namespace lapidary {
#define GEN_PASS_DEF_DERIVEKEYSPASS
#include "passes/simplify/Passes.h.inc"
} // namespace lapidary

using namespace mlir;
using namespace lapidary;
using gemma::AppendOp, gemma::AppendValuesOp, gemma::AttentionOp;
using gemma::CacheOp, gemma::FillOp, gemma::KvType, gemma::PastOp;
using gemma::RmsNormOp, gemma::RopeOp, gemma::RopeTableOp, gemma::RotationAttr;

namespace {
/// What makes a key of a value.
struct KeyRecipe {
  Value weight;
  RotationAttr rotation;

  bool operator==(const KeyRecipe &other) const {
    return rotation == other.rotation &&
           gemma::recipeOf(weight) == gemma::recipeOf(other.weight);
  }
};

/// Who writes a cache and who reads what others wrote.
struct CacheUsers {
  SmallVector<AppendOp> appends;
  SmallVector<PastOp> pasts;
};
} // namespace

static bool isOnes(Value weight) {
  auto fill = weight.getDefiningOp<FillOp>();
  return fill && fill.getValue().isExactlyValue(1.0);
}

/// Whether both do the same but for their weights, which are a head long.
static bool areAlike(RmsNormOp a, RmsNormOp b, int64_t dim) {
  return a && b && a.getInput() == b.getInput() && a.getNorm() == b.getNorm() &&
         a.getNorm().getWeightOffset().getValue().isZero() &&
         a.getWeight().getType().getDimSize(0) == dim &&
         b.getWeight().getType().getDimSize(0) == dim;
}

static std::optional<KeyRecipe> findRecipe(AppendOp append) {
  auto rope = append.getKey().getDefiningOp<RopeOp>();
  auto table = rope ? rope.getTable().getDefiningOp<RopeTableOp>() : nullptr;
  if (!table || table.getAhead() != 0)
    return std::nullopt;
  auto key = rope.getInput().getDefiningOp<RmsNormOp>();
  auto value = append.getValue().getDefiningOp<RmsNormOp>();
  if (!areAlike(key, value, append.getType().getDim()) ||
      !isOnes(value.getWeight()))
    return std::nullopt;
  int64_t width = table.getType().getDimSize(1);
  return KeyRecipe{key.getWeight(),
                   RotationAttr::get(append.getContext(), width,
                                     table.getBaseAttr(), table.getFactorAttr(),
                                     table.getPairs().value_or(width / 2))};
}

/// The one recipe of all keys that the cache gets, if there is one.
static std::optional<KeyRecipe> findRecipe(const CacheUsers &users) {
  std::optional<KeyRecipe> common;
  for (AppendOp append : users.appends) {
    std::optional<KeyRecipe> recipe = findRecipe(append);
    if (!recipe || (common && *recipe != *common))
      return std::nullopt;
    common = recipe;
  }
  return common;
}

/// Whether `kv` is what attention looks at in the first place.
static bool isOnlyAttendedTo(Value kv) {
  return llvm::all_of(kv.getUses(), [](OpOperand &use) {
    auto attention = dyn_cast<AttentionOp>(use.getOwner());
    return attention && attention.getKv() == use.get() &&
           attention.getSource() != use.get();
  });
}

/// `weight`, made anew where `builder` is.
static Value cloneWeight(OpBuilder &builder, Value weight) {
  Operation *op = weight.getDefiningOp();
  IRMapping operands;
  for (Value operand : op->getOperands())
    operands.map(operand, cloneWeight(builder, operand));
  return builder.clone(*op, operands)->getResult(0);
}

static void setKeys(Value kv, Value weight, RotationAttr rotation) {
  for (Operation *user : kv.getUsers()) {
    auto attention = cast<AttentionOp>(user);
    attention.getKeyWeightMutable().assign(weight);
    attention.setRotationAttr(rotation);
  }
}

/// Appends the values only.
static void dropKeys(AppendOp append, KvType type) {
  KeyRecipe recipe = *findRecipe(append);
  OpBuilder builder(append);
  Value values =
      AppendValuesOp::create(builder, append.getLoc(), type, append.getValue(),
                             append.getBatch(), append.getCache());
  append.replaceAllUsesWith(values);
  setKeys(values, recipe.weight, recipe.rotation);
  Operation *rope = append.getKey().getDefiningOp();
  Operation *norm = rope->getOperand(0).getDefiningOp();
  append.erase();
  for (Operation *op : {rope, norm})
    if (op->use_empty())
      op->erase();
}

namespace {
struct DeriveKeysPass final
    : lapidary::impl::DeriveKeysPassBase<DeriveKeysPass> {
  void runOnOperation() override {
    llvm::MapVector<StringRef, CacheUsers> usersOf;
    getOperation().walk([&](Operation *op) {
      if (auto append = dyn_cast<AppendOp>(op))
        usersOf[append.getCache()].appends.push_back(append);
      else if (auto past = dyn_cast<PastOp>(op))
        usersOf[past.getCache()].pasts.push_back(past);
    });
    for (auto &[name, users] : usersOf) {
      auto isAttendedTo = [](Operation *op) {
        return isOnlyAttendedTo(op->getResult(0));
      };
      std::optional<KeyRecipe> recipe = findRecipe(users);
      if (recipe && llvm::all_of(users.appends, isAttendedTo) &&
          llvm::all_of(users.pasts, isAttendedTo))
        derive(getOperation().lookupSymbol<CacheOp>(name), users, *recipe);
    }
  }

private:
  static void derive(CacheOp cache, const CacheUsers &users,
                     const KeyRecipe &recipe) {
    auto kept = cast<KvType>(cache.getType());
    auto type = KvType::get(cache.getContext(), kept.getHeads(), kept.getDim(),
                            /*values_only=*/true);
    cache.setType(type);
    for (PastOp past : users.pasts) {
      past.getResult().setType(type);
      OpBuilder builder(past);
      setKeys(past, cloneWeight(builder, recipe.weight), recipe.rotation);
    }
    for (AppendOp append : users.appends)
      dropKeys(append, type);
  }
};
} // namespace
