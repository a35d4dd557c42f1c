//===- Gemma4.cpp - Gemma 4 text models -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One layer for all sizes: full layers with heads of their own, whose values
// may be their keys; inputs of each layer's own; keys and values shared by the
// last layers; experts beside the feed-forward block.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Gemma4.h"
#include <cmath>

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

Value Gemma4::values(Value h, Value keys, LayerType type) {
  bool areKeys = config.keysAreValues && type == LayerType::Full;
  return plainNorm(areKeys ? keys : TextModel::values(h, keys, type));
}

Value Gemma4::states() {
  Value x = embed();
  if (config.perLayerWidth != 0)
    perLayerInputs(x);
  return layers(x);
}

/// Router and experts each have a norm of their own for the residual `x`.
Value Gemma4::experts(Value x, const ExpertFacts &facts) {
  Value scale = model.tensor("router.scale", {config.hidden});
  Value h = model.scale(model.normBy(x, scale, normFacts),
                        1.0 / std::sqrt(double(config.hidden)));
  Value routing = model.route(
      model.linear(h, "router.proj", facts.count),
      model.tensor("router.per_expert_scale", {facts.count}), facts.top);
  Value gateUp = model.stack("experts.gate_up_proj",
                             {facts.count, 2 * facts.width, config.hidden});
  Value down = model.stack("experts.down_proj",
                           {facts.count, config.hidden, facts.width});
  return model.experts(norm(x, "pre_feedforward_layernorm_2"), routing, gateUp,
                       down, config.hidden);
}

Value Gemma4::layer(Value x, int64_t index) {
  Value y = attention(norm(x, "input_layernorm"), index);
  x = add(x, norm(y, "post_attention_layernorm"));
  y = feedForward(norm(x, "pre_feedforward_layernorm"),
                  config.intermediates[index]);
  if (config.experts)
    y = add(norm(y, "post_feedforward_layernorm_1"),
            norm(experts(x, *config.experts), "post_feedforward_layernorm_2"));
  x = add(x, norm(y, "post_feedforward_layernorm"));
  if (config.perLayerWidth != 0)
    x = add(x, perLayerUpdate(x, index));
  return model.scaleBy(x, model.tensor("layer_scalar", {1}));
}

Expected<OwningOpRef<ModuleOp>>
huggingface::importGemma4(MLIRContext &context, const Checkpoint &checkpoint,
                          const ImportOptions &options) {
  return importText<Gemma4>(context, checkpoint, options, "gemma4",
                            readGemma4Config);
}
