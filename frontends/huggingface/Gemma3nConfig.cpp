//===- Gemma3nConfig.cpp - Facts of a Gemma 3n checkpoint -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Gemma3nConfig.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

/// Far above any model; every layer combines each stream with each.
static constexpr IntegerRange streamRange = {1, 64};

/// Deep models without a list are sparse in their first layers.
static SmallVector<double> readSparsities(const Fields &text, size_t layers) {
  constexpr StringLiteral name = "activation_sparsity_pattern";
  constexpr size_t sparseLayers = 10;
  SmallVector<double> sparsities(layers, 0.0);
  std::optional<SmallVector<double>> list = text.getNumbers(name);
  if (!list) {
    if (layers > sparseLayers)
      std::fill_n(sparsities.begin(), sparseLayers, 0.95);
    return sparsities;
  }
  checkOnePerLayer(text, name, list->size(), layers);
  if (any_of(*list, [](double share) { return !(share >= 0 && share < 1); }))
    text.reject(name, "a list of numbers from 0 to below 1");
  return *list;
}

Expected<Gemma3nConfig>
huggingface::readGemma3nConfig(StringRef path, const json::Object &object) {
  TextConfigFile file(path, object);
  const Fields &text = file.getText();
  Gemma3nConfig config(file.readShared({
      .vocabulary = 262400,
      .hidden = 2048,
      .intermediate = 16384,
      .layers = 35,
      .heads = 8,
      .kvHeads = 2,
      .headDim = 256,
      .maxPositions = 32768,
      .window = 512,
      .pattern = 5,
      .fullRope = {1e6},
      .slidingRope = RopeFacts{1e4},
  }));
  file.requireCausal();
  file.readKvSharing(15, config);
  file.readPerLayerInputs(256, config);
  config.attentionScale = 1.0;
  config.finalLogitSoftcap =
      text.getPositiveNumberOrNull("final_logit_softcapping", 30.0);
  config.streams = text.getInteger("altup_num_inputs", streamRange, 4);
  config.activeStream =
      text.getInteger("altup_active_idx", {0, config.streams - 1}, 0);
  config.scalesActiveStream = text.getBoolean("altup_correct_scale", true);
  config.storedIntermediates = config.intermediates;
  config.laurelRank = text.getInteger("laurel_rank", sizeRange, 64);
  config.sparsities = readSparsities(text, config.layerTypes.size());
  if (config.perLayerWidth == 0)
    text.reject("hidden_size_per_layer_input", "at least 1");
  return file.finish(config);
}

Error huggingface::cutGemma3nConfig(const Slice &slice, Gemma3nConfig &config) {
  if (Error error = cutConfig(slice, config))
    return error;
  keepLayers(config.storedIntermediates, config.sources);
  keepLayers(config.sparsities, config.sources);
  return Error::success();
}
