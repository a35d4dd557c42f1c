//===- Gemma3n.cpp - Gemma 3n text models -----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Several residual streams, of which layers compute on one and predict and
// correct the others (AltUp); a low-rank residual beside attention (LAuReL);
// inputs of each layer's own; sparse gates; keys and values shared by the last
// layers.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/Gemma3nConfig.h"
#include "frontends/huggingface/TextModel.h"
#include <cmath>

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

/// The number below which the share `share` of a standard normal distribution
/// lies.
static double invertNormalDistribution(double share) {
  double low = -40, high = 40;
  for (int step = 0; step < 64; ++step) {
    double middle = (low + high) / 2;
    double below = 0.5 * std::erfc(-middle / std::sqrt(2.0));
    (below < share ? low : high) = middle;
  }
  return low;
}

namespace {

class Gemma3n : public TextModel {
public:
  Gemma3n(ModelBuilder &model, const Gemma3nConfig &config)
      : TextModel(model, config, /*normOffset=*/0.0), config(config) {}

  Value states() override;

protected:
  Value layer(Value x, int64_t index) override;

  Value normHeads(Value heads, StringRef name) override {
    return norm(heads, name);
  }

  Value values(Value h, Value keys, LayerType type) override {
    return plainNorm(TextModel::values(h, keys, type));
  }

private:
  Value route(Value x);
  Value laurel(Value h);
  Value feedForward(Value h, int64_t index);
  Value moveStream(Value x, StringRef name, size_t stream, Value target);

  const Gemma3nConfig &config;
  SmallVector<Value> streams;
};

} // namespace

/// `x` times the matrix of stream `stream` (the first has none), as large as
/// `target`.
Value Gemma3n::moveStream(Value x, StringRef name, size_t stream,
                          Value target) {
  std::string matrix = (name + "." + Twine(stream - 1)).str();
  return model.matchRms(model.linear(x, matrix, config.hidden), target, 1e-5);
}

Value Gemma3n::states() {
  Value x = embed();
  perLayerInputs(x);
  streams = {x};
  for (int64_t index = 1; index < config.streams; ++index)
    streams.push_back(moveStream(x, "altup_projections", index, x));
  layers(streams[config.activeStream]);
  x = streams.front();
  Value sum = x;
  for (int64_t index = 1; index < config.streams; ++index)
    sum = add(
        sum, moveStream(streams[index], "altup_unembed_projections", index, x));
  return model.scale(sum, 1.0 / config.streams);
}

/// What the coefficients of all streams are computed from.
Value Gemma3n::route(Value x) {
  Value h = model.scale(norm(x, "altup.router_norm"), 1.0 / config.hidden);
  h = model.linear(h, "altup.modality_router", config.streams);
  return model.softcap(h, 1.0);
}

Value Gemma3n::laurel(Value h) {
  Value y = model.linear(h, "laurel.linear_left", config.laurelRank);
  y = model.linear(y, "laurel.linear_right", config.hidden);
  return add(h, norm(y, "laurel.post_laurel_norm"));
}

Value Gemma3n::feedForward(Value h, int64_t index) {
  int64_t width = config.intermediates[index], hidden = config.hidden;
  int64_t stored = config.storedIntermediates[index];
  Value gate = model.linear(h, "mlp.gate_proj", width, {stored, hidden});
  if (double share = config.sparsities[index]; share > 0)
    gate = model.gaussianTopK(gate, invertNormalDistribution(share));
  Value up = model.linear(h, "mlp.up_proj", width, {stored, hidden});
  return model.linear(gated(gate, up), "mlp.down_proj", hidden,
                      {hidden, stored});
}

Value Gemma3n::layer(Value x, int64_t index) {
  int64_t count = config.streams, active = config.activeStream;
  Value coefs = model.linear(route(x), "altup.prediction_coefs", count * count);
  SmallVector<Value> predictions = model.altupPredict(coefs, streams);

  x = predictions[active];
  Value h = norm(x, "input_layernorm");
  Value y = norm(attention(h, index), "post_attention_layernorm");
  x = model.scale(add(add(x, y), laurel(h)), std::sqrt(0.5));
  y = feedForward(norm(x, "pre_feedforward_layernorm"), index);
  x = add(x, norm(y, "post_feedforward_layernorm"));

  coefs = model.linear(route(x), "altup.correction_coefs", count);
  streams = model.altupCorrect(coefs, x, predictions, active);
  y = streams[active];
  if (config.scalesActiveStream)
    y = model.scaleBy(
        y, model.tensor("altup.correct_output_scale", {config.hidden}));
  y = perLayerUpdate(y, index);
  // Not the first stream, whichever is active.
  for (Value &stream : llvm::drop_begin(streams))
    stream = add(stream, y);
  return streams[active];
}

/// Adds the function of a model within `module`'s.
static llvm::Error addNested(ModuleOp module, Weights &weights,
                             Gemma3nConfig config, const NestedSlice &nested,
                             const ImportOptions &options) {
  if (llvm::Error error = cutGemma3nConfig(nested.slice, config))
    return error;
  config.looksUpAllLayers = true;
  std::string name = (gemma::kTextName + "." + nested.name).str();
  ModelBuilder model(module, weights, name);
  return model.finish(Gemma3n(model, config).results(options));
}

Expected<OwningOpRef<ModuleOp>>
huggingface::importGemma3n(MLIRContext &context, const Checkpoint &checkpoint,
                           const ImportOptions &options) {
  Expected<Gemma3nConfig> config = readGemma3nConfig(
      checkpoint.getPath("config.json"), checkpoint.getConfig());
  if (!config)
    return config.takeError();
  if (llvm::Error error = cutGemma3nConfig(options.slice, *config))
    return std::move(error);
  Expected<Weights> weights = Weights::find(checkpoint);
  if (!weights)
    return weights.takeError();
  auto module = makeModule(context, checkpoint, "gemma3n", *config);
  if (!module)
    return module;
  ModelBuilder model(**module, *weights, gemma::kTextName);
  if (llvm::Error error =
          model.finish(Gemma3n(model, *config).results(options)))
    return std::move(error);
  for (const NestedSlice &nested : options.nested)
    if (llvm::Error error =
            addNested(**module, *weights, *config, nested, options))
      return std::move(error);
  reportUnused(context, *weights);
  return module;
}
