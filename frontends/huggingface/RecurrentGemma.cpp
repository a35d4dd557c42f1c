//===- RecurrentGemma.cpp - RecurrentGemma (Griffin) ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Most layers mix rows by a convolution and a gated recurrence, which remember
// a sequence in a state of fixed size; some by attention within a window.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/RecurrentGemmaConfig.h"
#include "frontends/huggingface/TextModel.h"
#include <cmath>

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

namespace {

class RecurrentGemma : public TextModel {
public:
  RecurrentGemma(ModelBuilder &model, const RecurrentGemmaConfig &config)
      : TextModel(model, config, /*normOffset=*/1.0), config(config) {}

  Value states() override;

protected:
  Value layer(Value x, int64_t index) override;

  StringRef getFinalNorm() override { return "final_norm"; }

private:
  Value attentionBlock(Value h);
  Value recurrentBlock(Value h);
  Value recurrence(Value x);
  Value gatedMlp(Value h, int64_t width);

  const RecurrentGemmaConfig &config;
  /// Null before the first layer that attends.
  Value ropeTable;
};

} // namespace

/// The reference rounds this one scale to bfloat16, whatever it computes in.
static float roundScale(float scale) {
  llvm::APFloat rounded(scale);
  bool losesInfo;
  rounded.convert(llvm::APFloat::BFloat(), llvm::APFloat::rmNearestTiesToEven,
                  &losesInfo);
  return rounded.convertToFloat();
}

Value RecurrentGemma::states() {
  Value x = model.scale(model.embed(embeddings()),
                        roundScale(std::sqrt(double(config.hidden))));
  for (int64_t index = 0; index < int64_t(config.blockTypes.size()); ++index) {
    model.enter("layers." + Twine(index));
    x = layer(x, index);
  }
  model.enter("");
  return x;
}

Value RecurrentGemma::attentionBlock(Value h) {
  HeadFacts heads = config.slidingHeads;
  if (!ropeTable)
    ropeTable = model.ropeTable(config.slidingRope, config.rotaryWidth, 0);
  auto project = [&](StringRef name, int64_t count) {
    return model.splitHeads(model.linear(h, name, count * heads.width), count);
  };
  auto rotate = [&](Value x) {
    return model.create<gemma::RopeOp>(x.getType(), x, ropeTable);
  };
  Value q = project("temporal_block.q_proj", config.heads);
  Value k = project("temporal_block.k_proj", heads.kvHeads);
  Value v = project("temporal_block.v_proj", heads.kvHeads);
  Value kv = model.append(rotate(k), v, config.window);
  AttentionFacts facts;
  facts.scale = config.attentionScale;
  facts.window = config.window;
  return model.biasedLinear(model.attention(rotate(q), kv, facts),
                            "temporal_block.o_proj", config.hidden);
}

/// Convolution, then the recurrence with its gates.
Value RecurrentGemma::recurrence(Value x) {
  int64_t width = config.recurrentWidth, blocks = config.heads;
  int64_t inner = width / blocks;
  x = model.causalConv(x, "temporal_block.conv_1d", config.taps);
  auto gate = [&](StringRef name) {
    std::string prefix = ("temporal_block.rg_lru." + name).str();
    Value weight = model.stack(prefix + "_weight", {blocks, inner, inner});
    Value y = model.create<gemma::BlockLinearOp>(
        x.getType(), x, weight, model.getBuilder().getI64IntegerAttr(blocks));
    return model.create<gemma::BiasOp>(
        y, model.flat(prefix + "_bias", {blocks, inner}));
  };
  Value inputGate = gate("input_gate"), recurrentGate = gate("recurrent_gate");
  return model.rgLru(x, inputGate, recurrentGate, "temporal_block.rg_lru");
}

Value RecurrentGemma::recurrentBlock(Value h) {
  int64_t width = config.recurrentWidth;
  Value gate = model.biasedLinear(h, "temporal_block.linear_y", width);
  Value x = model.biasedLinear(h, "temporal_block.linear_x", width);
  return model.biasedLinear(gated(gate, recurrence(x)),
                            "temporal_block.linear_out", config.hidden);
}

Value RecurrentGemma::gatedMlp(Value h, int64_t width) {
  Value gate = model.biasedLinear(h, "mlp_block.gate_proj", width);
  Value up = model.biasedLinear(h, "mlp_block.up_proj", width);
  return model.biasedLinear(gated(gate, up), "mlp_block.down_proj",
                            config.hidden);
}

Value RecurrentGemma::layer(Value x, int64_t index) {
  Value h = norm(x, "temporal_pre_norm");
  x = add(x, config.blockTypes[index] == BlockType::Attention
                 ? attentionBlock(h)
                 : recurrentBlock(h));
  return add(
      x, gatedMlp(norm(x, "channel_pre_norm"), config.intermediates[index]));
}

Expected<OwningOpRef<ModuleOp>>
huggingface::importRecurrentGemma(MLIRContext &context,
                                  const Checkpoint &checkpoint,
                                  const ImportOptions &options) {
  return importText<RecurrentGemma>(context, checkpoint, options,
                                    "recurrentgemma", readRecurrentGemmaConfig);
}
