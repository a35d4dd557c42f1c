//===- T5Gemma.cpp - T5Gemma ------------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An encoder and a decoder of Gemma 2's layers; those of the decoder attend to
// the source between attention and feed-forward.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/EncoderDecoder.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

/// The encoder's window is as wide on either side as the file says.
Expected<EncoderDecoderConfig>
huggingface::readT5GemmaConfig(StringRef path,
                               const llvm::json::Object &object) {
  TextConfigFile encoder(path, object, {"encoder"});
  TextConfigFile decoder(path, object, {"decoder"});
  EncoderDecoderConfig config = {readGemma2(encoder), readGemma2(decoder)};
  config.encoder.isBidirectional = config.encoder.readsSource = true;
  ++config.encoder.window;
  if (Expected<TextConfig> read = encoder.finish(config.encoder); !read)
    return read.takeError();
  return decoder.finish(config);
}

namespace {

class T5Gemma : public T5Model {
public:
  using T5Model::T5Model;

  void appendSource(Value states, int64_t index) override {
    LayerType type = config.layerTypes[index];
    int64_t heads = config.getHeads(type).kvHeads;
    model.appendForDecoder(project(states, "cross_attn.k_proj", heads, type),
                           project(states, "cross_attn.v_proj", heads, type));
  }

protected:
  Value attendToSource(Value x, int64_t index) override {
    if (config.readsSource)
      return x;
    AttentionFacts facts = {.scale = float(config.attentionScale),
                            .window = 0,
                            .softcap = config.attentionSoftcap,
                            .isBidirectional = true,
                            .ahead = std::nullopt};
    Value h = norm(x, "pre_cross_attn_layernorm");
    Value q =
        project(h, "cross_attn.q_proj", config.heads, config.layerTypes[index]);
    Value y = model.attention(q, model.sourceOfDecoder(), facts);
    y = model.linear(y, "cross_attn.o_proj", config.hidden);
    return add(x, norm(y, "post_cross_attn_layernorm"));
  }
};

} // namespace

Expected<OwningOpRef<ModuleOp>>
huggingface::importT5Gemma(MLIRContext &context, const Checkpoint &checkpoint,
                           const ImportOptions &options) {
  Expected<EncoderDecoderConfig> config = readT5GemmaConfig(
      checkpoint.getPath("config.json"), checkpoint.getConfig());
  if (!config)
    return config.takeError();
  return importEncoderDecoder(
      context, checkpoint, options, "t5gemma", *config,
      [](ModelBuilder &model, const TextConfig &config) {
        return std::make_unique<T5Gemma>(model, config);
      });
}
