//===- Gemma4Draft.cpp - Draft heads of Gemma 4 -----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A small model that guesses the tokens to come from the newest one, the states
// of the model that it drafts for (its target) and that model's keys and
// values; it keeps none of its own.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Gemma4.h"
#include "frontends/huggingface/Json.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Error, llvm::Expected, llvm::formatv;

namespace {

class Gemma4Draft : public Gemma4 {
public:
  Gemma4Draft(ModelBuilder &model, const Gemma4DraftConfig &config)
      : Gemma4(model, config), config(config) {}

  /// Logits and states of the wanted rows. A row stands where the target's
  /// states do: one before the position of its token. `table` is the target's.
  SmallVector<Value> results(gemma::ParamOp table);

  using TextModel::lend;

private:
  Value clusteredHead(Value states);

  const Gemma4DraftConfig &config;
};

} // namespace

SmallVector<Value> Gemma4Draft::results(gemma::ParamOp table) {
  int64_t width = config.targetHidden;
  Value token =
      model.scale(model.embed(model.existing(table)), std::sqrt(double(width)));
  Value projection =
      model.outerWeight("pre_projection", {config.hidden, 2 * width});
  Value x = add(model.product(token, model.sliceWeight(projection, 0, width),
                              "pre_projection.token"),
                model.product(model.addInput(width),
                              model.sliceWeight(projection, width, width),
                              "pre_projection.state"));
  Value states = finalStates(layers(x));
  Value logits = config.clusters ? clusteredHead(states) : head(states);
  Value next = model.product(
      states, model.outerWeight("post_projection", {width, config.hidden}),
      "post_projection");
  return {logits, next};
}

Value Gemma4Draft::clusteredHead(Value states) {
  Value centroids = model.outerWeight("masked_embedding.centroids",
                                      {config.clusters->count, config.hidden});
  Value order =
      model.outerOrder("masked_embedding.token_ordering", config.vocabulary);
  return model.clusteredLinear(states,
                               model.product(states, centroids, "centroids"),
                               embeddings(), order, config.clusters->top);
}

/// Layers of one type read the last cache that has the window of that type.
static Error borrowCaches(ModuleOp target, Gemma4DraftConfig &config,
                          std::map<LayerType, gemma::CacheOp> &caches,
                          StringRef file) {
  for (auto cache : target.getOps<gemma::CacheOp>())
    caches[cache.getWindow() ? LayerType::Sliding : LayerType::Full] = cache;
  int64_t layers = config.layerTypes.size();
  for (auto [layer, type] : llvm::enumerate(config.layerTypes)) {
    gemma::CacheOp cache = caches[type];
    gemma::KvType kv = cache ? cache.getType() : gemma::KvType();
    HeadFacts heads = config.getHeads(type);
    if (!cache || HeadFacts{kv.getHeads(), kv.getDim()} != heads)
      return inputError(
          file,
          formatv("layer {0} reads {1} heads of keys of {2} columns, but "
                  "the model that it drafts for has {3}",
                  layer, heads.kvHeads, heads.width,
                  cache
                      ? formatv("{0} of {1}", kv.getHeads(), kv.getDim()).str()
                      : "no such layer"));
    config.kvOwners[layer] = layers + int64_t(type);
  }
  return Error::success();
}

Error huggingface::importGemma4Draft(ModuleOp target,
                                     const Checkpoint &checkpoint) {
  std::string file = checkpoint.getPath("config.json");
  auto config = readGemma4DraftConfig(file, checkpoint.getConfig());
  if (!config)
    return config.takeError();
  auto table = target.lookupSymbol<gemma::ParamOp>("embed_tokens");
  auto tableShape = cast<ShapedType>(table.getType()).getShape();
  if (tableShape != ArrayRef<int64_t>{config->vocabulary, config->targetHidden})
    return inputError(
        file, formatv("drafts for a model with {0} tokens and states of {1} "
                      "columns, but its target has {2} and {3}",
                      config->vocabulary, config->targetHidden, tableShape[0],
                      tableShape[1]));
  std::map<LayerType, gemma::CacheOp> caches;
  if (Error error = borrowCaches(target, *config, caches, file))
    return error;
  // A row sees one key more than the target does at its place, and that is one
  // before the place of the target's next query.
  ++config->window;
  if (gemma::CacheOp sliding = caches[LayerType::Sliding])
    sliding.setWindow(
        std::max<int64_t>(sliding.getWindow(), config->window + 1));
  config->positionsAhead = 1;

  Expected<Weights> weights = Weights::find(checkpoint);
  if (!weights)
    return weights.takeError();
  ModelBuilder model(target, *weights, gemma::kDraftName, "draft.");
  Gemma4Draft draft(model, *config);
  for (auto [type, cache] : caches)
    if (llvm::is_contained(config->layerTypes, type))
      draft.lend(config->layerTypes.size() + int64_t(type), model.past(cache));
  if (Error error = model.finish(draft.results(table)))
    return error;
  reportUnused(*target.getContext(), *weights);
  return Error::success();
}
