//===- TextModel.h - What text models are made of ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A generation derives from TextModel and says what a layer is, mostly in terms
// of the blocks found here; `importModel` does all around it.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_TEXTMODEL_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_TEXTMODEL_H

#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/ModelBuilder.h"
#include <map>

namespace lapidary::huggingface {

/// Emits a text model.
class TextModel {
public:
  /// Norms have weights that are stored less `normOffset`. `model` and `config`
  /// outlive the emitter.
  TextModel(ModelBuilder &model, const TextConfig &config, double normOffset)
      : model(model), config(config),
        normFacts(model.normAttr(config.rmsNormEpsilon, normOffset)) {}
  virtual ~TextModel() = default;

  /// Emits embedding and layers; the rows behind the last one.
  virtual mlir::Value states() { return layers(embed()); }

  /// Emits the whole model; the logits of the wanted rows and, where these are
  /// asked for, the states that they come from.
  llvm::SmallVector<mlir::Value> results(const ImportOptions &options);

protected:
  /// The rows behind layer `index`; `x` are those before it.
  virtual mlir::Value layer(mlir::Value x, int64_t index) = 0;

  /// What becomes of queries and keys before they rotate; nothing by default.
  virtual mlir::Value normHeads(mlir::Value heads, llvm::StringRef) {
    return heads;
  }

  /// The values that layers of `type` make of `h`, given their keys before norm
  /// and rotation; a projection by default.
  virtual mlir::Value values(mlir::Value h, mlir::Value keys, LayerType type);

  /// What the queries of the layer see besides their own past; nothing by
  /// default.
  virtual mlir::Value source() { return {}; }

  /// The embedding table.
  virtual mlir::Value embeddings();

  /// The rows of `tokens`, scaled by the root of their width.
  virtual mlir::Value embed();

  /// What checkpoints call the norm behind the last layer.
  virtual llvm::StringRef getFinalNorm() { return "norm"; }

  /// All layers in turn.
  mlir::Value layers(mlir::Value x);

  mlir::Value norm(mlir::Value x, llvm::StringRef name) {
    return model.norm(x, name, normFacts);
  }
  /// The same with a weight of ones; for generations without `normOffset`.
  mlir::Value plainNorm(mlir::Value x) { return model.plainNorm(x, normFacts); }
  mlir::Value add(mlir::Value x, mlir::Value y) {
    return model.create<gemma::AddOp>(x, y);
  }

  /// Attention with all its projections, within layer `index`.
  mlir::Value attention(mlir::Value h, int64_t index);

  /// `y`, as far as the activated `gate` lets it.
  mlir::Value gated(mlir::Value gate, mlir::Value y);

  /// Three projections and the gate between them, `width` wide inside.
  mlir::Value feedForward(mlir::Value h, int64_t width);

  /// What all layers are told of the tokens besides `x`, the embedded ones.
  void perLayerInputs(mlir::Value x);

  /// What layer `index` makes of that and of `x`.
  virtual mlir::Value perLayerUpdate(mlir::Value x, int64_t index);

  /// The wanted rows of `x`, normalized.
  mlir::Value finalStates(mlir::Value x) {
    return norm(model.selectRows(x), getFinalNorm());
  }

  /// The logits that come from `states`.
  mlir::Value head(mlir::Value states);

  /// Lets layers that have their keys and values from `owner` read `kv`.
  void lend(int64_t owner, mlir::Value kv) { ownedKeysAndValues[owner] = kv; }

  ModelBuilder &model;
  const TextConfig &config;
  gemma::NormAttr normFacts;

  /// The heads that the weight `name` makes of `h` in layers of `type`.
  mlir::Value project(mlir::Value h, llvm::StringRef name, int64_t heads,
                      LayerType type);

private:
  mlir::Value rotate(mlir::Value heads, llvm::StringRef normName,
                     LayerType type);
  mlir::Value keysAndValues(mlir::Value h, int64_t index, int64_t window);
  mlir::Value perLayerTokens(int64_t from, int64_t width);

  mlir::Value inputsOfRun(mlir::Value x, int64_t first, int64_t count);

  /// Rows of all layers of a run, and the column at which those of a layer
  /// begin; one entry per layer.
  llvm::SmallVector<std::pair<mlir::Value, int64_t>> inputsOfLayers;
  /// One table per layer type that occurs.
  std::map<LayerType, mlir::Value> ropeTables;
  /// Of each layer that owns them.
  std::map<int64_t, mlir::Value> ownedKeysAndValues;
};

/// What a module is.
struct ModelFacts {
  /// The generation's name.
  llvm::StringRef architecture;
  llvm::StringRef function;
};

/// A module without functions that says what `checkpoint` is.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
makeModule(mlir::MLIRContext &context, const Checkpoint &checkpoint,
           llvm::StringRef architecture, const TextConfig &config);

/// Emits a model and returns what its function does.
using BuildModel =
    llvm::function_ref<llvm::SmallVector<mlir::Value>(ModelBuilder &)>;

/// Imports `checkpoint` as a module with the function that `build` emits.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importModel(mlir::MLIRContext &context, const Checkpoint &checkpoint,
            const ModelFacts &facts, const TextConfig &config,
            BuildModel build);

/// Imports `checkpoint`, whose configuration `read` reads, as a module with the
/// function `@text(tokens, batch) -> logits of the wanted rows` that the
/// emitter `Model` makes.
template <typename Model, typename Config>
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importText(mlir::MLIRContext &context, const Checkpoint &checkpoint,
           const ImportOptions &options, llvm::StringRef architecture,
           llvm::Expected<Config> (&read)(llvm::StringRef,
                                          const llvm::json::Object &)) {
  llvm::Expected<Config> config =
      read(checkpoint.getPath("config.json"), checkpoint.getConfig());
  if (!config)
    return config.takeError();
  return importModel(context, checkpoint, {architecture, gemma::kTextName},
                     *config, [&](ModelBuilder &model) {
                       return Model(model, *config).results(options);
                     });
}

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_TEXTMODEL_H
