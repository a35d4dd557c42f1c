//===- Gemma3.cpp - Gemma 3 text models -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Gemma3.h"
#include "frontends/huggingface/Families.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

TextConfig huggingface::readGemma3(const TextConfigFile &file) {
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
      .pattern =
          file.getText().getInteger("sliding_window_pattern", layerRange, 6),
      .fullRope = {1e6},
      .slidingRope = RopeFacts{1e4},
  });
  config.attentionScale = file.readAttentionScale();
  return config;
}

Expected<TextConfig>
huggingface::readGemma3Config(StringRef path,
                              const llvm::json::Object &object) {
  TextConfigFile file(path, object);
  TextConfig config = readGemma3(file);
  // transformers' Gemma3ForConditionalGeneration never caps its logits,
  // whatever its text_config says.
  if (!file.isWrapped())
    config.finalLogitSoftcap = file.getText().getPositiveNumberOrNull(
        "final_logit_softcapping", std::nullopt);
  file.requireCausal();
  return file.finish(config);
}

Value Gemma3::layer(Value x, int64_t index) {
  Value y = attention(norm(x, "input_layernorm"), index);
  x = add(x, norm(y, "post_attention_layernorm"));
  y = feedForward(norm(x, "pre_feedforward_layernorm"),
                  config.intermediates[index]);
  return add(x, norm(y, "post_feedforward_layernorm"));
}

Value Gemma3::normHeads(Value heads, StringRef name) {
  return norm(heads, name);
}

Expected<OwningOpRef<ModuleOp>>
huggingface::importGemma3(MLIRContext &context, const Checkpoint &checkpoint,
                          const ImportOptions &options) {
  return importText<Gemma3>(context, checkpoint, options, "gemma3",
                            readGemma3Config);
}
