//===- ModelBuilder.h - Writes a text model in gemma ops --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the importers of all generations share: parameters that refer to
// tensors, the function that a step calls, and one method per operation whose
// result type follows from its operands.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_MODELBUILDER_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_MODELBUILDER_H

#include "dialects/gemma/Gemma.h"
#include "frontends/huggingface/TextConfig.h"
#include "frontends/huggingface/Weights.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"

namespace lapidary::huggingface {

/// How the queries of a layer look at its keys.
struct AttentionFacts {
  float scale;
  int64_t window;
  std::optional<double> softcap;
  bool isBidirectional = false;
  /// Keys seen behind a query's place, where it is not as many as before it.
  std::optional<int64_t> ahead;
};

/// Builds one function of a module: `(tokens, batch, ...) -> rows ...`.
///
/// A tensor that is absent or wrong is remembered, a stand-in takes its place,
/// and `finish` fails.
class ModelBuilder {
public:
  /// The function is called `functionName`; parameters that it adds to `module`
  /// are called after their tensors, with `symbolPrefix` before that. `weights`
  /// outlives the builder.
  ModelBuilder(mlir::ModuleOp module, Weights &weights,
               llvm::StringRef functionName, llvm::StringRef symbolPrefix = "");

  mlir::Value getTokens() { return function.getArgument(0); }
  mlir::Value getBatch() { return function.getArgument(1); }
  mlir::OpBuilder &getBuilder() { return body; }

  /// One more argument: rows of `width` columns.
  mlir::Value addInput(int64_t width);

  /// Names the part of the model that the next operations belong to, as
  /// checkpoints do: "layers.3". Weights are looked up below it.
  void enter(const llvm::Twine &part);

  /// Names what all parts are looked up below from now on, "encoder", and
  /// leaves the part.
  void enterModel(llvm::StringRef name);

  /// The tensor `<part>.<name>.weight` of the checkpoint.
  mlir::Value weight(llvm::StringRef name, llvm::ArrayRef<int64_t> shape);

  /// The tensor `<part>.<name>`, as few are called.
  mlir::Value tensor(llvm::StringRef name, llvm::ArrayRef<int64_t> shape);

  /// The tensor `<part>.<name>` of matrices, these below each other.
  mlir::Value stack(llvm::StringRef name, std::array<int64_t, 3> shape);

  /// The tensor `<part>.<name>`, its elements one after the other.
  mlir::Value flat(llvm::StringRef name, llvm::ArrayRef<int64_t> shape);

  /// The checkpoint may have the tensor `<part>.<name>.weight`; no warning that
  /// nothing uses it.
  void ignore(llvm::StringRef name);

  /// The same for all tensors of a part.
  void ignorePart(const llvm::Twine &part);

  /// A tensor that is not found by its name; `symbol` is what to call it.
  mlir::Value weight(llvm::StringRef symbol, const Tensor &tensor);

  /// The separate output head.
  mlir::Value headWeight(llvm::ArrayRef<int64_t> shape);

  /// The tensor `<name>.weight` outside of the text model.
  mlir::Value outerWeight(llvm::StringRef name, llvm::ArrayRef<int64_t> shape);

  /// The tensor `name` outside of the text model, an order of `length` rows.
  mlir::Value outerOrder(llvm::StringRef name, int64_t length);

  /// A parameter that the module has already.
  mlir::Value existing(gemma::ParamOp param);

  /// What another function appends to `cache`.
  mlir::Value past(gemma::CacheOp cache);

  /// The block of `matrix` that begins at column `from`, `width` wide.
  mlir::Value sliceWeight(mlir::Value matrix, int64_t from, int64_t width);

  /// The block of `matrix` of the given shape that begins at row and column
  /// `at`.
  mlir::Value block(mlir::Value matrix, std::array<int64_t, 2> at,
                    std::array<int64_t, 2> shape);

  /// Rows of `table`; row `fallback` where there is one for tokens behind it.
  mlir::Value embed(mlir::Value table,
                    std::optional<int64_t> fallback = std::nullopt);
  /// `input` with `row` for each `token`.
  mlir::Value substitute(mlir::Value input, int64_t token, mlir::Value row);
  mlir::Value scale(mlir::Value input, float factor);
  mlir::Value scaleBy(mlir::Value input, mlir::Value weight);
  mlir::Value sliceColumns(mlir::Value input, int64_t from, int64_t width);

  /// Normalizes `input` with the weight `<part>.<name>`.
  mlir::Value norm(mlir::Value input, llvm::StringRef name,
                   gemma::NormAttr norm);

  /// The same for each `length` columns.
  mlir::Value normStretches(mlir::Value input, llvm::StringRef name,
                            int64_t length, gemma::NormAttr norm);

  mlir::Value normBy(mlir::Value input, mlir::Value weight,
                     gemma::NormAttr norm);

  /// Normalizes `input` with a weight of ones.
  mlir::Value plainNorm(mlir::Value input, gemma::NormAttr norm);

  /// Multiplies `input` by the weight `<part>.<name>` of `width` rows.
  mlir::Value linear(mlir::Value input, llvm::StringRef name, int64_t width);

  /// The same plus the bias `<part>.<name>.bias`.
  mlir::Value biasedLinear(mlir::Value input, llvm::StringRef name,
                           int64_t width);

  /// `linear` with the upper left block of a weight of the shape `stored`.
  mlir::Value linear(mlir::Value input, llvm::StringRef name, int64_t width,
                     std::array<int64_t, 2> stored);

  mlir::Value splitHeads(mlir::Value input, int64_t heads);

  /// Declares the cache of the part and appends this step's rows to it; those
  /// of a source, as caches of an encoder.
  mlir::Value append(mlir::Value key, mlir::Value value, int64_t window,
                     bool isSource = false);

  /// In an encoder: declares what the part, a layer of the decoder, sees of the
  /// source, and appends this step's rows to it. In the decoder: what that is.
  void appendForDecoder(mlir::Value key, mlir::Value value);
  mlir::Value sourceOfDecoder();

  /// Convolves `input` with its past by weight and bias `<part>.<name>`;
  /// declares its state.
  mlir::Value causalConv(mlir::Value input, llvm::StringRef name, int64_t taps);

  /// The recurrence `<part>.<name>` of `input` and its gates; declares its
  /// state.
  mlir::Value rgLru(mlir::Value input, mlir::Value inputGate,
                    mlir::Value recurrenceGate, llvm::StringRef name);

  mlir::Value selectRows(mlir::Value input);
  mlir::Value meanRows(mlir::Value input);
  /// Of the positions that are `ahead` of the rows'.
  mlir::Value ropeTable(const RopeFacts &rope, int64_t headDim, int64_t ahead);
  mlir::Value softcap(mlir::Value input, float cap);
  mlir::Value gaussianTopK(mlir::Value input, float deviations);
  mlir::Value matchRms(mlir::Value input, mlir::Value target, float floor);
  llvm::SmallVector<mlir::Value> altupPredict(mlir::Value coefs,
                                              mlir::ValueRange streams);
  llvm::SmallVector<mlir::Value> altupCorrect(mlir::Value coefs,
                                              mlir::Value activated,
                                              mlir::ValueRange predictions,
                                              int64_t active);

  /// Multiplies `input` by all rows of `matrix`; the product is called `name`.
  mlir::Value product(mlir::Value input, mlir::Value matrix,
                      llvm::StringRef name);

  /// `source` may be null.
  mlir::Value attention(mlir::Value query, mlir::Value kv,
                        const AttentionFacts &facts, mlir::Value source = {});

  /// The `top` experts for each row of `scores`.
  mlir::Value route(mlir::Value scores, mlir::Value scales, int64_t top);

  /// `gateUp` has gate and up of an expert below each other, `down` is `width`
  /// high for each.
  mlir::Value experts(mlir::Value input, mlir::Value routing,
                      mlir::Value gateUp, mlir::Value down, int64_t width);

  /// Logits of the tokens in the `top` clusters of largest score; row `i` of
  /// `table` is that of token `i`, and `order` lists tokens by cluster.
  mlir::Value clusteredLinear(mlir::Value input, mlir::Value scores,
                              mlir::Value table, mlir::Value order,
                              int64_t top);

  /// An operation whose result type follows from its operands.
  template <typename OpTy, typename... Args>
  mlir::Value create(Args &&...args) {
    return OpTy::create(body, location, std::forward<Args>(args)...);
  }

  /// A norm of this `epsilon` whose weights are stored less `weightOffset`.
  gemma::NormAttr normAttr(double epsilon, double weightOffset);

  /// Returns `results` from the function. Fails with the first tensor that was
  /// absent or wrong.
  llvm::Error finish(mlir::ValueRange results);

private:
  mlir::Value param(llvm::StringRef symbol,
                    llvm::Expected<const Tensor *> tensor,
                    llvm::ArrayRef<int64_t> shape);
  mlir::Value appendTo(const llvm::Twine &cache, mlir::Value key,
                       mlir::Value value, int64_t window, bool isSource);
  std::string qualify(llvm::StringRef name) const;
  llvm::StringRef declareState(llvm::StringRef name,
                               llvm::ArrayRef<int64_t> shape);
  mlir::Location locate(llvm::StringRef name);
  mlir::RankedTensorType rowsType(llvm::ArrayRef<int64_t> widths);

  Weights &weights;
  mlir::ModuleOp module;
  std::string symbolPrefix;
  mlir::func::FuncOp function;
  /// Inserts symbols before the function.
  mlir::OpBuilder symbols;
  /// Inserts at the end of the function.
  mlir::OpBuilder body;
  /// Values of the tensors that were asked for.
  llvm::StringMap<mlir::Value> params;
  /// Empty, or ends with a dot.
  std::string root;
  std::string part;
  mlir::Location location;
  std::string firstError;
};

/// Reports the tensors that a model leaves out and those that nothing used.
void reportUnused(mlir::MLIRContext &context, const Weights &weights);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_MODELBUILDER_H
