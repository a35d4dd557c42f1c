//===- Gemma3.cpp - Gemma 3 text models -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pre- and post-norms around attention and feed-forward, norms on queries and
// keys, sliding layers with one rotation and full layers with another.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/TextModel.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

Expected<TextConfig>
huggingface::readGemma3Config(StringRef path,
                              const llvm::json::Object &object) {
  TextConfigFile file(path, object);
  const Fields &text = file.getText();
  TextConfig config = file.readShared({
      .vocabulary = 262208,
      .hidden = 2304,
      .intermediate = 9216,
      .layers = 26,
      .heads = 8,
      .kvHeads = 4,
      .headDim = 256,
      .maxPositions = 131072,
      .window = 4096,
      .pattern = text.getInteger("sliding_window_pattern", layerRange, 6),
      .fullRope = {1e6},
      .slidingRope = RopeFacts{1e4},
  });
  config.attentionScale = file.readAttentionScale();
  // transformers' Gemma3ForConditionalGeneration never caps its logits,
  // whatever its text_config says.
  if (!file.isWrapped())
    config.finalLogitSoftcap =
        text.getPositiveNumberOrNull("final_logit_softcapping", std::nullopt);
  file.requireCausal();
  return file.finish(config);
}

namespace {

class Gemma3 : public TextModel {
public:
  Gemma3(ModelBuilder &model, const TextConfig &config)
      : TextModel(model, config, /*normOffset=*/1.0) {}

protected:
  Value layer(Value x, int64_t index) override {
    Value y = attention(norm(x, "input_layernorm"), index);
    x = add(x, norm(y, "post_attention_layernorm"));
    y = feedForward(norm(x, "pre_feedforward_layernorm"),
                    config.intermediates[index]);
    return add(x, norm(y, "post_feedforward_layernorm"));
  }

  Value normHeads(Value heads, StringRef name) override {
    return norm(heads, name);
  }
};

} // namespace

Expected<OwningOpRef<ModuleOp>>
huggingface::importGemma3(MLIRContext &context, const Checkpoint &checkpoint) {
  return importText<Gemma3>(context, checkpoint, "gemma3", readGemma3Config);
}
