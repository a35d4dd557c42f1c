//===- TextModel.cpp - What text models are made of -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/TextModel.h"
#include "frontends/huggingface/ChatTemplate.h"
#include "frontends/huggingface/Generation.h"
#include <cmath>

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

Value TextModel::embeddings() {
  return model.weight("embed_tokens", {config.vocabulary, config.hidden});
}

Value TextModel::embed() {
  return model.scale(model.embed(embeddings()),
                     std::sqrt(double(config.hidden)));
}

Value TextModel::layers(Value x) {
  for (LayerType type : config.layerTypes)
    if (!ropeTables.count(type))
      ropeTables[type] =
          model.ropeTable(config.getRope(type), config.getHeads(type).width,
                          config.positionsAhead);
  for (int64_t index = 0; index < int64_t(config.layerTypes.size()); ++index) {
    model.enter("layers." + Twine(config.sources[index]));
    x = layer(x, index);
  }
  model.enter("");
  for (int64_t index = 0; index < config.storedLayers; ++index)
    if (!llvm::is_contained(config.sources, index))
      model.ignorePart("layers." + Twine(index));
  return x;
}

SmallVector<Value> TextModel::results(const ImportOptions &options) {
  Value x = finalStates(states());
  SmallVector<Value> results = {head(x)};
  if (options.givesStates)
    results.push_back(x);
  return results;
}

Value TextModel::project(Value h, StringRef name, int64_t heads,
                         LayerType type) {
  int64_t width = heads * config.getHeads(type).width;
  return model.splitHeads(model.linear(h, name, width), heads);
}

Value TextModel::rotate(Value heads, StringRef normName, LayerType type) {
  return model.create<gemma::RopeOp>(
      heads.getType(), normHeads(heads, normName), ropeTables[type]);
}

Value TextModel::values(Value h, Value /*keys*/, LayerType type) {
  return project(h, "self_attn.v_proj", config.getHeads(type).kvHeads, type);
}

/// Those of layer `index`, or of the layer that lends it its own. Checkpoints
/// may keep the tensors that a borrower would have.
Value TextModel::keysAndValues(Value h, int64_t index, int64_t window) {
  int64_t owner = config.kvOwners[index];
  if (owner != index) {
    for (StringRef name : {"k_proj", "v_proj", "k_norm"})
      model.ignore(("self_attn." + name).str());
    return ownedKeysAndValues[owner];
  }
  LayerType type = config.layerTypes[index];
  Value k = project(h, "self_attn.k_proj", config.getHeads(type).kvHeads, type);
  Value v = values(h, k, type);
  k = rotate(k, "self_attn.k_norm", type);
  return ownedKeysAndValues[index] =
             model.append(k, v, window, config.readsSource);
}

Value TextModel::attention(Value h, int64_t index) {
  LayerType type = config.layerTypes[index];
  AttentionFacts facts;
  facts.scale = config.attentionScale;
  facts.window = type == LayerType::Sliding ? config.window : 0;
  facts.softcap = config.attentionSoftcap;
  facts.isBidirectional = config.isBidirectional;
  if (facts.window > 0)
    facts.ahead = config.windowAhead;
  Value q = project(h, "self_attn.q_proj", config.heads, type);
  Value kv = keysAndValues(h, index, facts.window);
  q = rotate(q, "self_attn.q_norm", type);
  return model.linear(model.attention(q, kv, facts, source()),
                      "self_attn.o_proj", config.hidden);
}

Value TextModel::gated(Value gate, Value y) {
  // The activated operand on the left, where fusion looks for it.
  return model.create<gemma::MulOp>(model.create<gemma::GeluOp>(gate), y);
}

Value TextModel::feedForward(Value h, int64_t width) {
  Value gate = model.linear(h, "mlp.gate_proj", width);
  Value up = model.linear(h, "mlp.up_proj", width);
  return model.linear(gated(gate, up), "mlp.down_proj", config.hidden);
}

/// What the table has for each token in `width` columns from `from` on.
Value TextModel::perLayerTokens(int64_t from, int64_t width) {
  int64_t rows = config.perLayerVocabulary;
  Value table =
      model.weight("embed_tokens_per_layer",
                   {rows, config.storedLayers * config.perLayerWidth});
  return model.scale(model.embed(model.block(table, {0, from}, {rows, width}),
                                 /*fallback=*/0),
                     std::sqrt(double(config.perLayerWidth)));
}

/// What `count` layers from `first` on, as the checkpoint counts them, are
/// told.
Value TextModel::inputsOfRun(Value x, int64_t first, int64_t count) {
  int64_t stored = config.storedLayers * config.perLayerWidth;
  int64_t from = first * config.perLayerWidth;
  int64_t width = count * config.perLayerWidth;
  Value tokens =
      config.perLayerVocabulary != 0 ? perLayerTokens(from, width) : Value();
  constexpr StringLiteral name = "per_layer_model_projection";
  Value projection = model.block(model.weight(name, {stored, config.hidden}),
                                 {from, 0}, {width, config.hidden});
  Value context = model.scale(model.product(x, projection, name),
                              1.0 / std::sqrt(double(config.hidden)));
  context = model.normStretches(context, "per_layer_projection_norm",
                                config.perLayerWidth, normFacts);
  return tokens ? model.scale(add(tokens, context), std::sqrt(0.5)) : context;
}

void TextModel::perLayerInputs(Value x) {
  ArrayRef<int64_t> layers = config.sources;
  if (config.looksUpAllLayers) {
    Value inputs = inputsOfRun(x, 0, config.storedLayers);
    for (int64_t layer : layers)
      inputsOfLayers.push_back({inputs, layer * config.perLayerWidth});
    return;
  }
  for (size_t begin = 0, end = 0; begin < layers.size(); begin = end) {
    // Layers that the checkpoint has side by side.
    while (++end < layers.size() && layers[end] == layers[end - 1] + 1)
      ;
    Value inputs = inputsOfRun(x, layers[begin], end - begin);
    for (size_t i = begin; i < end; ++i)
      inputsOfLayers.push_back({inputs, (i - begin) * config.perLayerWidth});
  }
}

Value TextModel::perLayerUpdate(Value x, int64_t index) {
  int64_t width = config.perLayerWidth;
  Value gate = model.linear(x, "per_layer_input_gate", width);
  auto [inputs, column] = inputsOfLayers[index];
  Value y = model.sliceColumns(inputs, column, width);
  y = model.linear(gated(gate, y), "per_layer_projection", config.hidden);
  return norm(y, "post_per_layer_input_norm");
}

Value TextModel::head(Value states) {
  Value table = config.tiedEmbeddings
                    ? embeddings()
                    : model.headWeight({config.vocabulary, config.hidden});
  Value logits = model.product(states, table, "logits");
  if (config.finalLogitSoftcap)
    logits = model.softcap(logits, *config.finalLogitSoftcap);
  return logits;
}

/// Facts of the checkpoint that no operation holds.
static Expected<gemma::ConfigAttr> makeConfigAttr(MLIRContext &context,
                                                  const Checkpoint &checkpoint,
                                                  StringRef architecture,
                                                  const TextConfig &config) {
  Expected<Generation> generation =
      readGeneration(checkpoint, config.vocabulary);
  if (!generation)
    return generation.takeError();
  Expected<std::string> chatTemplate = findChatTemplate(checkpoint);
  if (!chatTemplate)
    return chatTemplate.takeError();
  Builder builder(&context);
  return gemma::ConfigAttr::get(
      &context, checkpoint.getName(), architecture, config.layerTypes.size(),
      config.hidden, config.vocabulary, config.maxPositions, generation->bos,
      generation->pad, generation->eos, *chatTemplate,
      builder.getF32FloatAttr(generation->temperature), generation->topK,
      builder.getF32FloatAttr(generation->topP));
}

Expected<OwningOpRef<ModuleOp>>
huggingface::makeModule(MLIRContext &context, const Checkpoint &checkpoint,
                        StringRef architecture, const TextConfig &config) {
  Expected<gemma::ConfigAttr> attr =
      makeConfigAttr(context, checkpoint, architecture, config);
  if (!attr)
    return attr.takeError();
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  (*module)->setAttr(gemma::kConfigAttrName, *attr);
  return module;
}

Expected<OwningOpRef<ModuleOp>>
huggingface::importModel(MLIRContext &context, const Checkpoint &checkpoint,
                         const ModelFacts &facts, const TextConfig &config,
                         BuildModel build) {
  auto module = makeModule(context, checkpoint, facts.architecture, config);
  if (!module)
    return module;
  Expected<Weights> weights = Weights::find(checkpoint);
  if (!weights)
    return weights.takeError();
  ModelBuilder model(**module, *weights, facts.function);
  if (llvm::Error error = model.finish(build(model)))
    return std::move(error);
  reportUnused(context, *weights);
  return module;
}
