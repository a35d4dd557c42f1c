//===- Gemma3.cpp - Gemma 3 text models -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pre- and post-norms around attention and feed-forward, norms on queries and
// keys, sliding layers with one rotation and full layers with another.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/ChatTemplate.h"
#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/Gemma3Config.h"
#include "frontends/huggingface/Generation.h"
#include "frontends/huggingface/ModelBuilder.h"
#include <cmath>
#include <map>

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

namespace {

/// Emits the text model.
class Gemma3 {
public:
  Gemma3(ModelBuilder &model, const Gemma3Config &config)
      : model(model), config(config),
        norm(model.normAttr(config.rmsNormEpsilon, /*weightOffset=*/1.0)) {}

  /// The logits of the wanted rows.
  Value build();

private:
  Value ropeTable(LayerType type);
  Value attention(Value x, LayerType type);
  Value feedForward(Value x);
  Value head(Value x, Value table);

  ModelBuilder &model;
  const Gemma3Config &config;
  gemma::NormAttr norm;
  /// One table per layer type that occurs.
  std::map<LayerType, Value> ropeTables;
};

} // namespace

Value Gemma3::build() {
  Value table =
      model.weight("embed_tokens", {config.vocabulary, config.hidden});
  Value x = model.scale(model.embed(table), std::sqrt(double(config.hidden)));
  for (LayerType type : config.layerTypes)
    if (!ropeTables.count(type))
      ropeTables[type] = ropeTable(type);
  for (auto [index, type] : llvm::enumerate(config.layerTypes)) {
    model.enter("layers." + Twine(index));
    x = feedForward(attention(x, type));
  }
  model.enter("");
  return head(x, table);
}

Value Gemma3::ropeTable(LayerType type) {
  const RopeFacts &rope = config.getRope(type);
  return model.ropeTable(rope.base, rope.factor, config.headDim);
}

Value Gemma3::attention(Value x, LayerType type) {
  Value h = model.norm(x, "input_layernorm", norm);
  auto project = [&](StringRef name, int64_t heads) {
    Value y = model.linear(h, name, heads * config.headDim);
    return model.splitHeads(y, heads);
  };
  auto rotate = [&](Value y, StringRef normName) {
    return model.create<gemma::RopeOp>(
        y.getType(), model.norm(y, normName, norm), ropeTables[type]);
  };
  Value q = project("self_attn.q_proj", config.heads);
  Value k = project("self_attn.k_proj", config.kvHeads);
  Value v = project("self_attn.v_proj", config.kvHeads);
  q = rotate(q, "self_attn.q_norm");
  k = rotate(k, "self_attn.k_norm");

  int64_t window = type == LayerType::Sliding ? config.window : 0;
  float scale = 1.0 / std::sqrt(config.queryPreAttnScalar);
  Value a = model.attention(q, model.append(k, v, window), scale, window);
  a = model.linear(a, "self_attn.o_proj", config.hidden);
  a = model.norm(a, "post_attention_layernorm", norm);
  return model.create<gemma::AddOp>(x, a);
}

Value Gemma3::feedForward(Value x) {
  Value h = model.norm(x, "pre_feedforward_layernorm", norm);
  Value gate = model.linear(h, "mlp.gate_proj", config.intermediate);
  Value up = model.linear(h, "mlp.up_proj", config.intermediate);
  // The activated operand on the left, where fusion looks for it.
  Value y = model.create<gemma::MulOp>(model.create<gemma::GeluOp>(gate), up);
  y = model.linear(y, "mlp.down_proj", config.hidden);
  y = model.norm(y, "post_feedforward_layernorm", norm);
  return model.create<gemma::AddOp>(x, y);
}

Value Gemma3::head(Value x, Value table) {
  x = model.norm(model.selectRows(x), "norm", norm);
  if (!config.tiedEmbeddings)
    table = model.headWeight({config.vocabulary, config.hidden});
  Value logits = model.logits(x, table);
  if (config.finalLogitSoftcap)
    logits = model.softcap(logits, *config.finalLogitSoftcap);
  return logits;
}

static gemma::ConfigAttr makeConfigAttr(MLIRContext &context,
                                        const Checkpoint &checkpoint,
                                        const Gemma3Config &config,
                                        const Generation &generation,
                                        StringRef chatTemplate) {
  Builder builder(&context);
  return gemma::ConfigAttr::get(
      &context, checkpoint.getName(), "gemma3", config.layerTypes.size(),
      config.hidden, config.vocabulary, config.maxPositions, generation.bos,
      generation.pad, generation.eos, chatTemplate,
      builder.getF32FloatAttr(generation.temperature), generation.topK,
      builder.getF32FloatAttr(generation.topP));
}

Expected<OwningOpRef<ModuleOp>>
huggingface::importGemma3(MLIRContext &context, const Checkpoint &checkpoint) {
  Expected<Gemma3Config> config = readGemma3Config(
      checkpoint.getPath("config.json"), checkpoint.getConfig());
  if (!config)
    return config.takeError();
  Expected<Generation> generation =
      readGeneration(checkpoint, config->vocabulary);
  if (!generation)
    return generation.takeError();
  Expected<std::string> chatTemplate = findChatTemplate(checkpoint);
  if (!chatTemplate)
    return chatTemplate.takeError();
  Expected<Weights> weights = Weights::find(checkpoint);
  if (!weights)
    return weights.takeError();

  ModelBuilder model(context, *weights, config->vocabulary);
  Value logits = Gemma3(model, *config).build();
  return model.finish(logits, makeConfigAttr(context, checkpoint, *config,
                                             *generation, *chatTemplate));
}
