//===- SharedPlan.h - What the programs of a module share -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_PASSES_PLANNING_SHAREDPLAN_H
#define LAPIDARY_PASSES_PLANNING_SHAREDPLAN_H

#include "dialects/gemma/Recipe.h"
#include "dialects/plan/Plan.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <set>

namespace lapidary {

/// Where a layer's keys and values, or its state, are: a cache group and bytes
/// into its pages.
struct CachePlace {
  plan::CacheOp group;
  gemma::KvType type;
  int64_t offset;
};

using BodyBuilder =
    llvm::function_ref<void(mlir::OpBuilder &, mlir::ValueRange)>;

/// Whether `op` makes the logits that its function is for: one for each token
/// that it knows.
bool isHead(gemma::LinearOp op);

/// What the programs of a module have in common.
class SharedPlan {
public:
  SharedPlan(mlir::ModuleOp module, kernel::KvFormat kv, int64_t pageTokens);

  /// Lets new kernels stand before `program`, which names them.
  void enter(plan::ProgramOp program) { builder.setInsertionPoint(program); }

  /// The kernel that `key` describes; `build` fills its body when it is new.
  llvm::StringRef getKernel(llvm::StringRef name, llvm::StringRef key,
                            llvm::ArrayRef<mlir::Type> arguments,
                            kernel::GridUnit unit, int64_t slices,
                            BodyBuilder build);

  CachePlace getCache(llvm::StringRef name) const {
    return caches.lookup(name);
  }

  /// Notes that `matrix` is packed; the one that has it as its first rows and
  /// columns if such a one was packed before.
  mlir::Value findWhole(mlir::Value matrix);

  /// Whether no function does more with `matrix` than to go through rows.
  bool isOnlyLookedUp(mlir::Value matrix) const {
    return !multiplied.contains(gemma::recipeOf(matrix));
  }

  /// Whether `matrix` makes logits and is only multiplied as a whole, so that
  /// its planes can lie apart.
  bool isInPlanes(mlir::Value matrix) const {
    std::string recipe = gemma::recipeOf(matrix);
    return heads.contains(recipe) && !partial.contains(recipe);
  }

  mlir::ModuleOp module;
  const kernel::KvFormat kv;
  const int64_t pageTokens;

private:
  void createCaches();
  void createStates();
  void findMultiplied();

  mlir::OpBuilder builder;
  llvm::StringMap<kernel::FuncOp> kernelsByKey;
  std::set<std::string> kernelNames;
  llvm::StringMap<CachePlace> caches;
  /// Recipes of the matrices in products, of those that make logits, and of
  /// those that other operations multiply by.
  llvm::StringSet<> multiplied, heads, partial;
  /// Matrices by what they are the first rows and columns of.
  llvm::StringMap<mlir::Value> wholes;
};

} // namespace lapidary

#endif // LAPIDARY_PASSES_PLANNING_SHAREDPLAN_H
