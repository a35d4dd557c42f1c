//===- Gemma1.cpp - Gemma, Gemma 1.1 and CodeGemma --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One norm before attention, one before feed-forward, full attention
// everywhere.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/TextModel.h"
#include <cmath>

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

/// Older files give the activation by another name, and by `gelu` mean its tanh
/// form.
static void checkActivation(const Fields &text) {
  StringRef activation = text.getString("hidden_act", "gelu");
  if (activation != "gelu" && activation != "gelu_pytorch_tanh")
    text.reject("hidden_act", "'gelu' or 'gelu_pytorch_tanh'");
}

Expected<TextConfig>
huggingface::readGemma1Config(StringRef path,
                              const llvm::json::Object &object) {
  TextConfigFile file(path, object);
  TextConfig config = file.readShared({
      .vocabulary = 256000,
      .hidden = 3072,
      .intermediate = 24576,
      .layers = 28,
      .heads = 16,
      .kvHeads = 16,
      .headDim = 256,
      .maxPositions = 8192,
      .pattern = 1,
      .fullRope = {1e4},
  });
  config.attentionScale = 1.0 / std::sqrt(double(config.fullHeads.width));
  file.requireCausal();
  checkActivation(file.getText());
  return file.finish(config);
}

namespace {

class Gemma1 : public TextModel {
public:
  Gemma1(ModelBuilder &model, const TextConfig &config)
      : TextModel(model, config, /*normOffset=*/1.0) {}

protected:
  Value layer(Value x, int64_t index) override {
    x = add(x, attention(norm(x, "input_layernorm"), index));
    return add(x, feedForward(norm(x, "post_attention_layernorm"),
                              config.intermediates[index]));
  }
};

} // namespace

Expected<OwningOpRef<ModuleOp>>
huggingface::importGemma1(MLIRContext &context, const Checkpoint &checkpoint,
                          const ImportOptions &options) {
  return importText<Gemma1>(context, checkpoint, options, "gemma",
                            readGemma1Config);
}
