//===- EncoderDecoder.cpp - Encoders with decoders --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/EncoderDecoder.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Error, llvm::Expected;

Value T5Model::layer(Value x, int64_t index) {
  Value y = attention(norm(x, "pre_self_attn_layernorm"), index);
  x = add(x, norm(y, "post_self_attn_layernorm"));
  x = attendToSource(x, index);
  y = feedForward(norm(x, "pre_feedforward_layernorm"),
                  config.intermediates[index]);
  return add(x, norm(y, "post_feedforward_layernorm"));
}

static Error buildEncoder(ModuleOp module, Weights &weights,
                          const EncoderDecoderConfig &config,
                          MakeT5Model make) {
  ModelBuilder model(module, weights, gemma::kEncodeName);
  model.enterModel("encoder");
  Value states = make(model, config.encoder)->allStates();
  model.enterModel("decoder");
  std::unique_ptr<T5Model> decoder = make(model, config.decoder);
  for (size_t index = 0; index < config.decoder.layerTypes.size(); ++index) {
    model.enter("layers." + Twine(index));
    decoder->appendSource(states, index);
  }
  return model.finish(model.selectRows(states));
}

static Error buildDecoder(ModuleOp module, Weights &weights,
                          const EncoderDecoderConfig &config,
                          const ImportOptions &options, MakeT5Model make) {
  ModelBuilder model(module, weights, gemma::kTextName);
  model.enterModel("decoder");
  return model.finish(make(model, config.decoder)->results(options));
}

Expected<OwningOpRef<ModuleOp>> huggingface::importEncoderDecoder(
    MLIRContext &context, const Checkpoint &checkpoint,
    const ImportOptions &options, StringRef architecture,
    const EncoderDecoderConfig &config, MakeT5Model make) {
  Expected<Weights> weights = Weights::find(checkpoint);
  if (!weights)
    return weights.takeError();
  Expected<OwningOpRef<ModuleOp>> module =
      makeModule(context, checkpoint, architecture, config.decoder);
  if (!module)
    return module;
  if (Error error = buildEncoder(**module, *weights, config, make))
    return std::move(error);
  if (Error error = buildDecoder(**module, *weights, config, options, make))
    return std::move(error);
  // The model is for the decoder; the encoder serves it.
  (**module)
      .lookupSymbol(gemma::kEncodeName)
      ->moveAfter((**module).lookupSymbol(gemma::kTextName));
  reportUnused(context, *weights);
  return module;
}
