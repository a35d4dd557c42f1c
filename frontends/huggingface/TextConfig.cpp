//===- TextConfig.cpp - Facts of a text model -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/TextConfig.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <map>

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

static void readSizes(const Fields &text, const TextDefaults &defaults,
                      TextConfig &config) {
  config.vocabulary =
      text.getInteger("vocab_size", sizeRange, defaults.vocabulary);
  config.hidden = text.getInteger("hidden_size", sizeRange, defaults.hidden);
  config.heads =
      text.getInteger("num_attention_heads", sizeRange, defaults.heads);
  config.fullHeads = {
      text.getInteger("num_key_value_heads", sizeRange, defaults.kvHeads),
      text.getInteger("head_dim", sizeRange, defaults.headDim)};
  config.slidingHeads = config.fullHeads;
  config.maxPositions = text.getInteger("max_position_embeddings",
                                        positionRange, defaults.maxPositions);
  config.window =
      text.getInteger("sliding_window", positionRange, defaults.window);
  config.rmsNormEpsilon = text.getPositiveNumber("rms_norm_eps", 1e-6);

  int64_t kvHeads = config.fullHeads.kvHeads;
  if (config.heads % kvHeads != 0)
    text.reject(
        "num_attention_heads",
        formatv("a multiple of the {0} of 'num_key_value_heads'", kvHeads));
  if (config.fullHeads.width % 2 != 0)
    text.reject("head_dim", "even");
}

void huggingface::checkOnePerLayer(const Fields &text, StringRef name,
                                   size_t entries, int64_t layers) {
  if (int64_t(entries) != layers)
    text.getErrors().report(
        formatv("field '{0}' must have {1} entries, one per layer, but it has "
                "{2}",
                text.getPath(name), layers, entries));
}

/// One width for all layers or a list with one for each.
static void readIntermediates(const Fields &text, int64_t layers,
                              int64_t fallback, TextConfig &config) {
  constexpr StringLiteral name = "intermediate_size";
  config.intermediates = text.getIntegers(name, sizeRange)
                             .value_or(SmallVector<int64_t>{fallback});
  if (config.intermediates.size() != 1)
    checkOnePerLayer(text, name, config.intermediates.size(), layers);
  int64_t width =
      config.intermediates.empty() ? fallback : config.intermediates.front();
  config.intermediates.resize(layers, width);
}

static LayerType readLayerType(const Fields &text, StringRef name) {
  if (name != "sliding_attention" && name != "full_attention")
    text.getErrors().report(formatv(
        "field '{0}' must list 'sliding_attention' or 'full_attention', but "
        "one entry is '{1}'",
        text.getPath("layer_types"), name));
  return name == "full_attention" ? LayerType::Full : LayerType::Sliding;
}

static void readLayerTypes(const Fields &text, int64_t layers, int64_t pattern,
                           TextConfig &config) {
  std::optional<SmallVector<StringRef>> names = text.getStrings("layer_types");
  if (names) {
    checkOnePerLayer(text, "layer_types", names->size(), layers);
    for (StringRef name : *names)
      config.layerTypes.push_back(readLayerType(text, name));
    config.layerTypes.resize(layers);
    return;
  }
  for (int64_t layer = 1; layer <= layers; ++layer)
    config.layerTypes.push_back(layer % pattern == 0 ? LayerType::Full
                                                     : LayerType::Sliding);
}

/// The rotation that `fields` describes; `base` where it names none. Old files
/// call its type `type`, newer ones `rope_type`.
static RopeFacts readRopeFields(const Fields &fields, double base) {
  RopeFacts rope = {fields.getPositiveNumber("rope_theta", base)};
  StringRef typeField = fields.has("rope_type") ? "rope_type" : "type";
  StringRef type = fields.getString(typeField, "default");
  if (type == "linear") {
    rope.factor = fields.getPositiveNumber("factor");
  } else if (type == "proportional") {
    rope.factor = fields.getPositiveNumber("factor", 1.0);
    rope.share = fields.getPositiveNumber("partial_rotary_factor", 1.0);
    if (rope.share > 1.0)
      fields.reject("partial_rotary_factor", "at most 1");
  } else if (type != "default") {
    fields.reject(typeField, "'default', 'linear' or 'proportional'");
  }
  return rope;
}

/// The flat fields are the older spelling and stand in for what the nested ones
/// leave open; `rope_scaling` is about full attention only.
static void readRopes(const Fields &text, const TextDefaults &defaults,
                      TextConfig &config) {
  RopeFacts &sliding = config.slidingRope = *defaults.slidingRope;
  RopeFacts &full = config.fullRope = defaults.fullRope;
  sliding.base = text.getPositiveNumber("rope_local_base_freq", sliding.base);
  full.base = text.getPositiveNumber("rope_theta", full.base);
  if (std::optional<Fields> nested = text.getFields("rope_parameters")) {
    if (nested->has("rope_type") || nested->has("rope_theta"))
      text.reject("rope_parameters",
                  "an object with one object per layer type");
    if (std::optional<Fields> fields = nested->getFields("sliding_attention"))
      sliding = readRopeFields(*fields, sliding.base);
    if (std::optional<Fields> fields = nested->getFields("full_attention"))
      full = readRopeFields(*fields, full.base);
  }
  if (std::optional<Fields> scaling = text.getFields("rope_scaling"))
    full = readRopeFields(*scaling, full.base);
}

/// The same where all layers rotate alike.
static void readOneRope(const Fields &text, const TextDefaults &defaults,
                        TextConfig &config) {
  RopeFacts &rope = config.fullRope = defaults.fullRope;
  rope.base = text.getPositiveNumber("rope_theta", rope.base);
  for (StringRef name : {"rope_parameters", "rope_scaling"}) {
    std::optional<Fields> fields = text.getFields(name);
    if (!fields)
      continue;
    if (fields->has("sliding_attention") || fields->has("full_attention"))
      text.reject(name, "an object about layers of all types");
    rope = readRopeFields(*fields, rope.base);
  }
  config.slidingRope = rope;
}

/// Refuses what importers would otherwise compute wrongly.
static void refuseUnsupported(const Fields &text) {
  constexpr StringLiteral activation = "gelu_pytorch_tanh";
  if (text.getString("hidden_activation", activation) != activation)
    text.reject("hidden_activation", "'" + activation + "'");
  if (text.getBoolean("attention_bias", false))
    text.reject("attention_bias", "false, since biases are not supported");
}

TextConfigFile::TextConfigFile(StringRef file, const json::Object &config,
                               ArrayRef<StringRef> path)
    : errors(file), root(errors, config), wrapped(root) {
  for (StringRef name : path) {
    std::optional<Fields> inner = wrapped->getFields(name);
    if (!inner) {
      wrapped->reject(name, "an object");
      return;
    }
    wrapped.emplace(*inner);
  }
}

TextConfig TextConfigFile::readShared(const TextDefaults &defaults) const {
  const Fields &text = getText();
  TextConfig config;
  readSizes(text, defaults, config);
  int64_t layers =
      text.getInteger("num_hidden_layers", layerRange, defaults.layers);
  readIntermediates(text, layers, defaults.intermediate, config);
  readLayerTypes(text, layers, defaults.pattern, config);
  config.storedLayers = layers;
  config.sources = to_vector(seq(layers));
  config.kvOwners = config.sources;
  if (defaults.slidingRope)
    readRopes(text, defaults, config);
  else
    readOneRope(text, defaults, config);
  bool tied = text.getBoolean("tie_word_embeddings", true);
  config.tiedEmbeddings = root.getBoolean("tie_word_embeddings", tied);
  refuseUnsupported(text);
  return config;
}

void TextConfigFile::requireCausal() const {
  constexpr StringLiteral name = "use_bidirectional_attention";
  if (getText().getBoolean(name, false))
    getText().reject(name, "false, since only causal models are supported");
}

void TextConfigFile::readKvSharing(int64_t fallback, TextConfig &config) const {
  constexpr StringLiteral name = "num_kv_shared_layers";
  int64_t layers = config.layerTypes.size();
  int64_t shared = getText().getInteger(name, {0, layers - 1}, fallback);
  int64_t owners = std::max<int64_t>(0, layers - shared);
  std::map<LayerType, int64_t> lastOwners;
  for (int64_t layer = 0; layer < owners; ++layer)
    lastOwners[config.layerTypes[layer]] = layer;
  for (int64_t layer = owners; layer < layers; ++layer) {
    auto owner = lastOwners.find(config.layerTypes[layer]);
    if (owner == lastOwners.end())
      return getText().getErrors().report(formatv(
          "field '{0}' lets the last {1} of {2} layers read the keys and "
          "values of earlier ones, but none of these has the type of layer {3}",
          getText().getPath(name), shared, layers, layer));
    config.kvOwners[layer] = owner->second;
  }
}

void TextConfigFile::readPerLayerInputs(int64_t fallback,
                                        TextConfig &config) const {
  config.perLayerWidth = getText().getInteger("hidden_size_per_layer_input",
                                              {0, sizeRange.max}, fallback);
  if (config.perLayerWidth == 0)
    return;
  config.perLayerVocabulary =
      getText().getInteger("vocab_size_per_layer_input", sizeRange, 262144);
}

double TextConfigFile::readAttentionScale() const {
  return 1.0 /
         std::sqrt(getText().getPositiveNumber("query_pre_attn_scalar", 256));
}
