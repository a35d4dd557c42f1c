//===- Gemma3Config.cpp - Facts of a Gemma 3 checkpoint ---------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Gemma3Config.h"
#include "frontends/huggingface/Fields.h"
#include "llvm/Support/FormatVariadic.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

static constexpr double defaultFullBase = 1e6;
static constexpr double defaultSlidingBase = 1e4;

/// Far above any model, so that products of two sizes cannot overflow and a
/// misread file does not ask for absurd amounts of IR.
static constexpr IntegerRange sizeRange = {1, 1 << 24};
static constexpr IntegerRange layerRange = {1, 1 << 12};
static constexpr IntegerRange positionRange = {1, INT32_MAX};

static void readSizes(const Fields &text, Gemma3Config &config) {
  config.vocabulary = text.getInteger("vocab_size", sizeRange, 262208);
  config.hidden = text.getInteger("hidden_size", sizeRange, 2304);
  config.intermediate = text.getInteger("intermediate_size", sizeRange, 9216);
  config.heads = text.getInteger("num_attention_heads", sizeRange, 8);
  config.kvHeads = text.getInteger("num_key_value_heads", sizeRange, 4);
  config.headDim = text.getInteger("head_dim", sizeRange, 256);
  config.maxPositions =
      text.getInteger("max_position_embeddings", positionRange, 131072);
  config.window = text.getInteger("sliding_window", positionRange, 4096);
  config.queryPreAttnScalar =
      text.getPositiveNumber("query_pre_attn_scalar", 256);
  config.rmsNormEpsilon = text.getPositiveNumber("rms_norm_eps", 1e-6);

  if (config.heads % config.kvHeads != 0)
    text.reject("num_attention_heads",
                formatv("a multiple of the {0} of 'num_key_value_heads'",
                        config.kvHeads));
  if (config.headDim % 2 != 0)
    text.reject("head_dim", "even");
}

/// Layer types from the list if there is one, else from the pattern: every
/// `sliding_window_pattern`-th layer sees everything.
static void readLayerTypes(const Fields &text, Gemma3Config &config) {
  int64_t layers = text.getInteger("num_hidden_layers", layerRange, 26);
  std::optional<SmallVector<StringRef>> names = text.getStrings("layer_types");
  if (!names) {
    int64_t pattern = text.getInteger("sliding_window_pattern", layerRange, 6);
    for (int64_t layer = 1; layer <= layers; ++layer)
      config.layerTypes.push_back(layer % pattern == 0 ? LayerType::Full
                                                       : LayerType::Sliding);
    return;
  }
  if (int64_t(names->size()) != layers)
    text.getErrors().report(
        formatv("field '{0}' must have {1} entries, one per layer, but it has "
                "{2}",
                text.getPath("layer_types"), layers, names->size()));
  for (StringRef name : *names) {
    if (name != "sliding_attention" && name != "full_attention")
      text.getErrors().report(formatv(
          "field '{0}' must list 'sliding_attention' or 'full_attention', but "
          "one entry is '{1}'",
          text.getPath("layer_types"), name));
    config.layerTypes.push_back(name == "full_attention" ? LayerType::Full
                                                         : LayerType::Sliding);
  }
}

/// Replaces what `scaling` says about one layer type. Old files call its type
/// `type`, newer ones `rope_type`.
static void applyRopeFields(const Fields &scaling, RopeFacts &rope) {
  rope.base = scaling.getPositiveNumber("rope_theta", rope.base);
  StringRef typeField = scaling.has("rope_type") ? "rope_type" : "type";
  StringRef type = scaling.getString(typeField, "default");
  if (type == "linear")
    rope.factor = scaling.getPositiveNumber("factor");
  else if (type != "default")
    scaling.reject(typeField, "'default' or 'linear'");
}

/// The flat fields are the older spelling and stand in for what the nested
/// ones leave open; `rope_scaling` is about full attention only.
static void readRope(const Fields &text, Gemma3Config &config) {
  config.slidingRope = {
      text.getPositiveNumber("rope_local_base_freq", defaultSlidingBase), 1.0};
  config.fullRope = {text.getPositiveNumber("rope_theta", defaultFullBase),
                     1.0};
  if (std::optional<Fields> nested = text.getFields("rope_parameters")) {
    if (nested->has("rope_type") || nested->has("rope_theta"))
      text.reject("rope_parameters",
                  "an object with one object per layer type");
    if (std::optional<Fields> sliding = nested->getFields("sliding_attention"))
      applyRopeFields(*sliding, config.slidingRope);
    if (std::optional<Fields> full = nested->getFields("full_attention"))
      applyRopeFields(*full, config.fullRope);
  }
  if (std::optional<Fields> scaling = text.getFields("rope_scaling"))
    applyRopeFields(*scaling, config.fullRope);
}

/// Refuses what this importer would otherwise compute wrongly.
static void refuseUnsupported(const Fields &text) {
  constexpr StringLiteral activation = "gelu_pytorch_tanh";
  if (text.getString("hidden_activation", activation) != activation)
    text.reject("hidden_activation", "'" + activation + "'");
  if (text.getBoolean("attention_bias", false))
    text.reject("attention_bias", "false, since biases are not supported");
  if (text.getBoolean("use_bidirectional_attention", false))
    text.reject("use_bidirectional_attention",
                "false, since only causal models are supported");
}

/// transformers' Gemma3ForConditionalGeneration never caps its logits, whatever
/// its text_config says.
static void readHead(const Fields &root, const Fields &text, bool isWrapped,
                     Gemma3Config &config) {
  if (!isWrapped && text.has("final_logit_softcapping"))
    config.finalLogitSoftcap =
        text.getPositiveNumber("final_logit_softcapping");
  bool tied = text.getBoolean("tie_word_embeddings", true);
  config.tiedEmbeddings = root.getBoolean("tie_word_embeddings", tied);
}

Expected<Gemma3Config>
huggingface::readGemma3Config(StringRef file, const json::Object &object) {
  FieldErrors errors(file);
  Fields root(errors, object);
  std::optional<Fields> nested = root.getFields("text_config");
  const Fields &text = nested ? *nested : root;

  Gemma3Config config;
  readSizes(text, config);
  readLayerTypes(text, config);
  readRope(text, config);
  readHead(root, text, nested.has_value(), config);
  refuseUnsupported(text);
  if (Error error = errors.take())
    return std::move(error);
  return config;
}
