//===- T5Gemma2.cpp - T5Gemma 2 ---------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An encoder and a decoder of Gemma 3's layers with one embedding table; the
// decoder's attention sees the source beside the past of its text.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/EncoderDecoder.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

/// The encoder's window is what the file says in all, the row included; if that
/// is even, there is one row more behind than before.
Expected<EncoderDecoderConfig>
huggingface::readT5Gemma2Config(StringRef path,
                                const llvm::json::Object &object) {
  TextConfigFile encoder(path, object, {"encoder", "text_config"});
  TextConfigFile decoder(path, object, {"decoder"});
  EncoderDecoderConfig config = {readGemma3(encoder), readGemma3(decoder)};
  config.encoder.isBidirectional = config.encoder.readsSource = true;
  config.encoder.windowAhead = config.encoder.window / 2;
  config.encoder.window = (config.encoder.window + 1) / 2;
  config.decoder.finalLogitSoftcap = decoder.getText().getPositiveNumberOrNull(
      "final_logit_softcapping", std::nullopt);
  if (auto fields = encoder.getRoot().getFields("encoder"))
    config.encoder.endOfImage = config.decoder.endOfImage =
        fields->getInteger("eoi_token_index", {0, sizeRange.max}, 256000);
  if (Expected<TextConfig> read = encoder.finish(config.encoder); !read)
    return read.takeError();
  return decoder.finish(config);
}

namespace {

class T5Gemma2 : public T5Model {
public:
  using T5Model::T5Model;

  void appendSource(Value states, int64_t index) override {
    LayerType type = config.layerTypes[index];
    int64_t heads = config.getHeads(type).kvHeads;
    Value keys = project(states, "self_attn.k_proj", heads, type);
    model.appendForDecoder(norm(keys, "self_attn.k_norm"),
                           project(states, "self_attn.v_proj", heads, type));
  }

protected:
  Value normHeads(Value heads, StringRef name) override {
    return norm(heads, name);
  }

  Value source() override {
    return config.readsSource ? Value() : model.sourceOfDecoder();
  }

  Value embeddings() override {
    return inEncoder([&] { return TextModel::embeddings(); });
  }

  /// The token that ends an image has a row of its own, which is not scaled.
  Value embed() override {
    Value row = inEncoder([&] {
      return model.tensor("embed_tokens.eoi_embedding", {config.hidden});
    });
    return model.substitute(TextModel::embed(), *config.endOfImage, row);
  }

private:
  /// What `find` finds among the encoder's weights.
  Value inEncoder(llvm::function_ref<Value()> find) {
    model.enterModel("encoder");
    Value found = find();
    if (!config.readsSource)
      model.enterModel("decoder");
    return found;
  }
};

} // namespace

Expected<OwningOpRef<ModuleOp>>
huggingface::importT5Gemma2(MLIRContext &context, const Checkpoint &checkpoint,
                            const ImportOptions &options) {
  Expected<EncoderDecoderConfig> config = readT5Gemma2Config(
      checkpoint.getPath("config.json"), checkpoint.getConfig());
  if (!config)
    return config.takeError();
  return importEncoderDecoder(
      context, checkpoint, options, "t5gemma2", *config,
      [](ModelBuilder &model, const TextConfig &config) {
        return std::make_unique<T5Gemma2>(model, config);
      });
}
