//===- Gemma2.cpp - Gemma 2 and ShieldGemma ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Norms before and after attention and feed-forward, sliding and full layers in
// turn, scores and logits capped.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/TextModel.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

TextConfig huggingface::readGemma2(const TextConfigFile &file) {
  const Fields &text = file.getText();
  TextConfig config = file.readShared({
      .vocabulary = 256000,
      .hidden = 2304,
      .intermediate = 9216,
      .layers = 26,
      .heads = 8,
      .kvHeads = 4,
      .headDim = 256,
      .maxPositions = 8192,
      .window = 4096,
      .pattern = 2,
      .fullRope = {1e4},
  });
  config.attentionScale = file.readAttentionScale();
  config.attentionSoftcap =
      text.getPositiveNumberOrNull("attn_logit_softcapping", 50.0);
  config.finalLogitSoftcap =
      text.getPositiveNumberOrNull("final_logit_softcapping", 30.0);
  return config;
}

Expected<TextConfig>
huggingface::readGemma2Config(StringRef path,
                              const llvm::json::Object &object) {
  TextConfigFile file(path, object);
  TextConfig config = readGemma2(file);
  file.requireCausal();
  return file.finish(config);
}

namespace {

class Gemma2 : public TextModel {
public:
  Gemma2(ModelBuilder &model, const TextConfig &config)
      : TextModel(model, config, /*normOffset=*/1.0) {}

protected:
  Value layer(Value x, int64_t index) override {
    Value y = attention(norm(x, "input_layernorm"), index);
    x = add(x, norm(y, "post_attention_layernorm"));
    y = feedForward(norm(x, "pre_feedforward_layernorm"),
                    config.intermediates[index]);
    return add(x, norm(y, "post_feedforward_layernorm"));
  }
};

} // namespace

Expected<OwningOpRef<ModuleOp>>
huggingface::importGemma2(MLIRContext &context, const Checkpoint &checkpoint,
                          const ImportOptions &options) {
  return importText<Gemma2>(context, checkpoint, options, "gemma2",
                            readGemma2Config);
}
