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

Value TextModel::embed() {
  embeddingTable =
      model.weight("embed_tokens", {config.vocabulary, config.hidden});
  return model.scale(model.embed(embeddingTable),
                     std::sqrt(double(config.hidden)));
}

Value TextModel::states() {
  Value x = embed();
  for (LayerType type : config.layerTypes)
    if (!ropeTables.count(type))
      ropeTables[type] = model.ropeTable(config.getRope(type), config.headDim);
  for (int64_t index = 0; index < int64_t(config.layerTypes.size()); ++index) {
    model.enter("layers." + Twine(index));
    x = layer(x, index);
  }
  model.enter("");
  return x;
}

Value TextModel::logits() { return head(states()); }

Value TextModel::attention(Value h, int64_t index) {
  LayerType type = config.layerTypes[index];
  auto project = [&](StringRef name, int64_t heads) {
    return model.splitHeads(model.linear(h, name, heads * config.headDim),
                            heads);
  };
  auto rotate = [&](Value heads, StringRef normName) {
    return model.create<gemma::RopeOp>(
        heads.getType(), normHeads(heads, normName), ropeTables[type]);
  };
  Value q = project("self_attn.q_proj", config.heads);
  Value k = project("self_attn.k_proj", config.kvHeads);
  Value v = project("self_attn.v_proj", config.kvHeads);
  q = rotate(q, "self_attn.q_norm");
  k = rotate(k, "self_attn.k_norm");

  AttentionFacts facts;
  facts.scale = config.attentionScale;
  facts.window = type == LayerType::Sliding ? config.window : 0;
  facts.softcap = config.attentionSoftcap;
  facts.isBidirectional = config.isBidirectional;
  Value kv = model.append(k, v, facts.window);
  return model.linear(model.attention(q, kv, facts), "self_attn.o_proj",
                      config.hidden);
}

Value TextModel::feedForward(Value h, int64_t width) {
  Value gate = model.linear(h, "mlp.gate_proj", width);
  Value up = model.linear(h, "mlp.up_proj", width);
  // The activated operand on the left, where fusion looks for it.
  Value y = model.create<gemma::MulOp>(model.create<gemma::GeluOp>(gate), up);
  return model.linear(y, "mlp.down_proj", config.hidden);
}

Value TextModel::head(Value x) {
  x = norm(model.selectRows(x), "norm");
  Value table = config.tiedEmbeddings
                    ? embeddingTable
                    : model.headWeight({config.vocabulary, config.hidden});
  Value logits = model.logits(x, table);
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
huggingface::importText(MLIRContext &context, const Checkpoint &checkpoint,
                        StringRef architecture, const TextConfig &config,
                        BuildText build) {
  Expected<gemma::ConfigAttr> attr =
      makeConfigAttr(context, checkpoint, architecture, config);
  if (!attr)
    return attr.takeError();
  Expected<Weights> weights = Weights::find(checkpoint);
  if (!weights)
    return weights.takeError();
  ModelBuilder model(context, *weights, "text", config.vocabulary);
  Value logits = build(model);
  return model.finish(logits, *attr);
}
