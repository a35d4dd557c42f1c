//===- Lowering.h - A function becomes a program ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Goes through a fused function once, in order. Row-wise work around a product
// (norms, conversions, residuals) becomes row kernels before and after it.
#ifndef LAPIDARY_PASSES_PLANNING_LOWERING_H
#define LAPIDARY_PASSES_PLANNING_LOWERING_H

#include "passes/planning/SharedPlan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include <map>
#include <tuple>

namespace lapidary {

kernel::RowFormat rowFormatOf(gemma::Product product);

/// Columns of a row, all heads together.
int64_t widthOf(mlir::Value value);

/// The name of the parameter that a weight is made of first, to label by.
llvm::StringRef nameOf(mlir::Value weight);

/// The format in which all readers of `value` multiply; float32 when they
/// differ or do something else with it first.
kernel::RowFormat readFormat(mlir::Value value);

/// What tells kernels apart that differ in `number`, which may be null.
std::string numberKey(mlir::FloatAttr number);

/// Where the rows of an activation are: in columns of a buffer.
struct View {
  mlir::Value buffer;
  int64_t column = 0;
};

/// Whether a row of the operation sees enough keys to share them out.
bool hasStrands(gemma::AttentionOp op, int64_t pageTokens);

/// Steps that a program is for.
struct RowRange {
  int64_t min, max;
  /// Of the program's name.
  llvm::StringRef suffix = "";
  /// Whether the keys of a row are shared out, so that few rows occupy many
  /// threads.
  bool inStrands = false;
};

/// Makes a function a program.
class Lowering {
public:
  Lowering(SharedPlan &shared, mlir::func::FuncOp model)
      : shared(shared), module(shared.module), model(model),
        body(module.getContext()) {}

  mlir::LogicalResult run(const RowRange &rows, int64_t blockRows);

private:
  /// Makes result rows of the rows and places that a kernel is given.
  using RowsBuilder = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::OpBuilder &, mlir::ValueRange rows, mlir::ValueRange places)>;

  void defineInputs();
  mlir::LogicalResult lower(mlir::Operation &op);
  void lowerRowOp(mlir::Operation *op);
  void lowerEmbed(gemma::EmbedOp op);
  void lowerSubstitute(gemma::SubstituteOp op);
  void lowerSelectRows(gemma::SelectRowsOp op);
  void lowerMeanRows(gemma::MeanRowsOp op);
  void lowerSplitHeads(gemma::SplitHeadsOp op);
  void lowerSliceColumns(gemma::SliceColumnsOp op);
  void lowerRopeTable(gemma::RopeTableOp op);
  void lowerLinear(gemma::LinearOp op);
  void lowerHead(gemma::LinearOp op, mlir::Value input);
  /// What makes logits of their estimates, where they are such: rows times a
  /// weight in planes.
  struct Estimate {
    mlir::Value rows, weight;
    mlir::FloatAttr softcap;
  };
  /// The best of `logits`, to where the caller wants them.
  void findBest(mlir::Value logits, const Estimate &estimate,
                llvm::StringRef label);
  void keepBest(mlir::Value keys, mlir::Value best, llvm::StringRef label);
  void lowerGatedLinear(gemma::GatedLinearOp op);
  void lowerRoute(gemma::RouteOp op);
  void lowerExperts(gemma::ExpertsOp op);
  void lowerClusteredLinear(gemma::ClusteredLinearOp op);
  void lowerAppend(mlir::TypedValue<gemma::KvType> result,
                   llvm::StringRef cache, mlir::ValueRange heads);
  void lowerAttention(gemma::AttentionOp op);
  void mergeStrands(gemma::AttentionOp op, mlir::Value strands,
                    mlir::Value result, llvm::StringRef cache);
  void lowerBlockLinear(gemma::BlockLinearOp op);
  void lowerCausalConv(gemma::CausalConvOp op);
  void lowerRgLru(gemma::RgLruOp op);
  mlir::LogicalResult lowerReturn(mlir::func::ReturnOp op);

  void dispatch(llvm::StringRef name, const llvm::Twine &key,
                mlir::ValueRange operands, kernel::GridUnit unit,
                int64_t slices, llvm::StringRef label, BodyBuilder build);

  /// What a row kernel reads and writes.
  struct RowsDispatch {
    llvm::StringRef name;
    /// What kernels of one name differ in, besides the types of places.
    std::string key;
    llvm::StringRef label;
    kernel::GridUnit unit;
    /// Activations, a row of each at a time: that of the slice, or the one
    /// that `list` names.
    llvm::SmallVector<mlir::Value> inputs;
    mlir::Value list;
    llvm::SmallVector<mlir::Value> places;
    /// Where the results go.
    llvm::SmallVector<mlir::Value> results;
  };
  void dispatchRows(const RowsDispatch &rows, RowsBuilder build);

  mlir::Value buffer(llvm::StringRef name, int64_t width,
                     kernel::RowFormat format, int64_t times = 1);
  /// A buffer for the few rows whose best logits are wanted at once.
  mlir::Value fewRows(llvm::StringRef name, int64_t width,
                      kernel::RowFormat format);
  /// Where the rows of `value`, a result of the model, are stored.
  mlir::Value place(mlir::Value value, llvm::StringRef name);
  mlir::Value result(unsigned number, int64_t width);
  /// Which `top` of all choices the rows of `scores` make, each with the share
  /// that `scales` gives it.
  mlir::Value chooseBest(mlir::Value scores, int64_t top, mlir::Value scales,
                         llvm::StringRef label);
  /// The rows of `value` where those that chose them expect them.
  mlir::Value scatter(mlir::Value value, mlir::Value routing,
                      kernel::RowFormat format, llvm::StringRef label);
  /// `weight` in the program.
  mlir::Value recipe(mlir::Value weight);
  /// `weight` in its packed layout; of a stack of that many matrices.
  mlir::Value packed(mlir::Value weight, int64_t stack = 1);
  mlir::Value step(plan::StepList list);
  mlir::Value offset(int64_t bytes);
  /// Those that `rotation` turns by.
  mlir::Value frequenciesOf(gemma::RotationAttr rotation);
  mlir::Value pagesOf(llvm::StringRef cache);
  mlir::Value offsetOf(llvm::StringRef cache);
  /// The rows of `value` in `format`, normalized first when there is a norm.
  /// Shared by all who ask for the same.
  mlir::Value rowsIn(kernel::RowFormat format, mlir::Value value,
                     llvm::StringRef label, mlir::Value normWeight = {},
                     gemma::NormAttr norm = {});
  /// Emits a product; with `routing` that of routed rows and their experts,
  /// with `upper` an estimate of it, with `among` only of some columns.
  void product(mlir::Value input, mlir::Value weight, mlir::Value result,
               kernel::GridUnit rows, kernel::Epilogue epilogue,
               mlir::FloatAttr softcap, llvm::StringRef label,
               mlir::Value routing = {}, bool upper = false,
               mlir::Value among = {});
  /// Wanted once `value` comes after a selection of wanted rows, else Row.
  kernel::GridUnit unitOf(mlir::Value value) {
    return wanted.contains(value) ? kernel::GridUnit::Wanted
                                  : kernel::GridUnit::Row;
  }
  /// Notes that `value` has the rows of `unit` in `rows`.
  void define(mlir::Value value, View rows, kernel::GridUnit unit) {
    views[value] = rows;
    if (unit == kernel::GridUnit::Wanted)
      wanted.insert(value);
  }

  SharedPlan &shared;
  mlir::ModuleOp module;
  mlir::func::FuncOp model;
  mlir::OpBuilder body;
  bool inStrands = false;
  /// The cache that a value of `!gemma.kv` is the state of.
  llvm::DenseMap<mlir::Value, llvm::StringRef> cacheOf;
  /// Weight values of the model to their clones in the program.
  mlir::IRMapping recipes;
  llvm::DenseMap<mlir::Value, View> views;
  llvm::DenseMap<mlir::Value, mlir::Value> routings;
  llvm::DenseMap<mlir::Attribute, mlir::Value> frequencies;
  llvm::DenseSet<mlir::Value> wanted;
  /// What the dispatches that are being made are for.
  plan::PurposeAttr purpose;
  /// Converted rows by (activation, norm weight, norm, format).
  std::map<std::tuple<void *, void *, const void *, kernel::RowFormat>,
           mlir::Value>
      inputs;
};

} // namespace lapidary

#endif // LAPIDARY_PASSES_PLANNING_LOWERING_H
