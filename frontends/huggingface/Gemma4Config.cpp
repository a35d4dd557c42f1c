//===- Gemma4Config.cpp - Facts of a Gemma 4 checkpoint ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Gemma4Config.h"
#include "llvm/Support/FormatVariadic.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

static constexpr StringLiteral kvHeadsName = "num_key_value_heads";
static constexpr StringLiteral widthName = "head_dim";
static constexpr StringLiteral layerHeadsName = "per_layer_config";

/// Heads that fit `queryHeads`, from fields of these names.
static HeadFacts readHeads(const Fields &fields, StringRef kvHeadsName,
                           StringRef widthName, int64_t queryHeads,
                           HeadFacts fallback) {
  HeadFacts facts = {
      fields.getInteger(kvHeadsName, sizeRange, fallback.kvHeads),
      fields.getInteger(widthName, sizeRange, fallback.width)};
  if (queryHeads % facts.kvHeads != 0)
    fields.reject(
        kvHeadsName,
        formatv("a divisor of the {0} of 'num_attention_heads'", queryHeads));
  if (facts.width % 2 != 0)
    fields.reject(widthName, "even");
  return facts;
}

/// Heads of all layers; `layers` has those that differ, by index.
static SmallVector<HeadFacts> readLayerHeads(const Fields &layers,
                                             const Gemma4Config &config) {
  SmallVector<HeadFacts> heads(config.layerTypes.size(), config.fullHeads);
  for (StringRef name : layers.getNames()) {
    size_t index;
    if (name.getAsInteger(10, index) || index >= heads.size()) {
      layers.getErrors().report(
          formatv("field '{0}' must be named after one of the {1} layers",
                  layers.getPath(name), heads.size()));
      continue;
    }
    std::optional<Fields> layer = layers.getFields(name);
    if (!layer)
      continue;
    heads[index] = readHeads(*layer, kvHeadsName, widthName, config.heads,
                             config.fullHeads);
    for (StringRef other : layer->getNames())
      if (other != kvHeadsName && other != widthName)
        layer->reject(other, "absent, since layers can only differ in '" +
                                 widthName + "' and '" + kvHeadsName + "'");
  }
  return heads;
}

/// Older files say what full layers have (`fallback` where they do not), newer
/// ones what each layer has.
static void readFullHeads(const Fields &text, HeadFacts fallback,
                          Gemma4Config &config) {
  std::optional<Fields> layers = text.getFields(layerHeadsName);
  if (!layers) {
    config.fullHeads = readHeads(text, "num_global_key_value_heads",
                                 "global_head_dim", config.heads, fallback);
    return;
  }
  SmallVector<HeadFacts> heads = readLayerHeads(*layers, config);
  for (auto [type, facts] : zip_equal(config.layerTypes, heads)) {
    auto first = find(config.layerTypes, type) - config.layerTypes.begin();
    if (facts != heads[first])
      text.getErrors().report(
          formatv("field '{0}' must say the same of all layers of one type",
                  text.getPath(layerHeadsName)));
    (type == LayerType::Full ? config.fullHeads : config.slidingHeads) = facts;
  }
}

static std::optional<ExpertFacts> readExperts(const Fields &text) {
  if (!text.getBoolean("enable_moe_block", false))
    return std::nullopt;
  int64_t count = text.getInteger("num_experts", sizeRange);
  return ExpertFacts{count, text.getInteger("top_k_experts", {1, count}),
                     text.getInteger("moe_intermediate_size", sizeRange)};
}

/// "vision" is about the tokens of images, of which there are none.
static void requireCausalText(const Fields &text) {
  constexpr StringLiteral name = "use_bidirectional_attention";
  if (text.getString(name, "vision") != "vision")
    text.reject(name, "'vision' or null, since only causal models are "
                      "supported");
}

/// All but which layers share keys and values.
static Gemma4Config readLayers(const TextConfigFile &file, bool isUnified,
                               int64_t perLayerWidth) {
  const Fields &text = file.getText();
  Gemma4Config config(file.readShared({
      .vocabulary = 262144,
      .hidden = 2304,
      .intermediate = 9216,
      .layers = 30,
      .heads = 8,
      .kvHeads = 4,
      .headDim = 256,
      .maxPositions = isUnified ? 262144 : 131072,
      .window = isUnified ? 1024 : 512,
      .pattern = 6,
      .fullRope = {1e6, /*factor=*/1.0, /*share=*/0.25},
      .slidingRope = RopeFacts{1e4},
  }));
  // Whatever the file says.
  config.layerTypes.back() = LayerType::Full;
  requireCausalText(text);
  file.readPerLayerInputs(perLayerWidth, config);
  config.attentionScale = 1.0;
  config.finalLogitSoftcap =
      text.getPositiveNumberOrNull("final_logit_softcapping", std::nullopt);
  config.keysAreValues = text.getBoolean("attention_k_eq_v", false);
  int64_t kvHeads = config.fullHeads.kvHeads;
  readFullHeads(text, {kvHeads, 512}, config);
  if (!config.keysAreValues && !text.has(layerHeadsName))
    config.fullHeads.kvHeads = kvHeads;
  config.experts = readExperts(text);
  return config;
}

static bool isUnified(const json::Object &object) {
  return object.getString("model_type")
      .value_or("")
      .starts_with("gemma4_unified");
}

Expected<Gemma4Config>
huggingface::readGemma4Config(StringRef path, const json::Object &object) {
  TextConfigFile file(path, object);
  bool unified = isUnified(object);
  Gemma4Config config = readLayers(file, unified, unified ? 0 : 256);
  file.readKvSharing(0, config);
  if (file.getText().getBoolean("use_double_wide_mlp", false))
    for (auto [layer, width] : enumerate(config.intermediates))
      if (config.kvOwners[layer] != int64_t(layer))
        width *= 2;
  return file.finish(config);
}

/// Where the logits come from clusters of tokens.
static std::optional<ClusterFacts> readClusters(const Fields &root,
                                                const TextConfig &config) {
  if (!root.getBoolean("use_ordered_embeddings", false))
    return std::nullopt;
  constexpr StringLiteral name = "num_centroids";
  int64_t count = root.getInteger(name, sizeRange, 2048);
  if (config.vocabulary % count != 0)
    root.reject(name, formatv("a divisor of the {0} of 'vocab_size'",
                              config.vocabulary));
  return ClusterFacts{
      count, root.getInteger("centroid_intermediate_top_k", {1, count}, 32)};
}

Expected<Gemma4DraftConfig>
huggingface::readGemma4DraftConfig(StringRef path, const json::Object &object) {
  TextConfigFile file(path, object);
  Gemma4DraftConfig config(
      readLayers(file, isUnified(object), /*perLayerWidth=*/0));
  const Fields &root = file.getRoot(), &text = file.getText();
  config.targetHidden = root.getInteger("backbone_hidden_size", sizeRange);
  config.clusters = readClusters(root, config);
  if (config.perLayerWidth != 0)
    text.reject("hidden_size_per_layer_input", "0 in a draft head");
  if (config.experts)
    text.reject("enable_moe_block", "false in a draft head");
  return file.finish(config);
}

/// The window is a radius: as many on each side, and the query's own.
Expected<EmbeddingGemma2Config>
huggingface::readEmbeddingGemma2Config(StringRef path,
                                       const json::Object &object) {
  TextConfigFile file(path, object);
  const Fields &text = file.getText();
  EmbeddingGemma2Config config(file.readShared({
      .vocabulary = 262144,
      .hidden = 512,
      .intermediate = 2048,
      .layers = 24,
      .heads = 4,
      .kvHeads = 2,
      .headDim = 256,
      .maxPositions = 262144,
      .window = 512,
      .pattern = text.getInteger("sliding_window_pattern", layerRange, 6),
      .fullRope = {1e6},
      .slidingRope = RopeFacts{1e4},
  }));
  // Whatever the file says.
  config.layerTypes.back() = LayerType::Full;
  config.window += 1;
  config.isBidirectional = true;
  config.attentionScale = 1.0;
  config.perLayerWidth =
      text.getInteger("hidden_size_per_layer_input", sizeRange, 512);
  config.keysAreValues = false;
  readFullHeads(text, {1, 512}, config);
  config.embeddingWidth = text.getInteger("embedding_dim", sizeRange, 768);
  return file.finish(config);
}
