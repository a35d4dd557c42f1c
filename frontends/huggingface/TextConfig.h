//===- TextConfig.h - Facts of a text model ---------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every spelling of config.json, old and new, flat and wrapped, becomes one
// struct; nothing behind it needs to know how a file spells a fact. A
// generation's reader brings its defaults and reads what only it has.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_TEXTCONFIG_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_TEXTCONFIG_H

#include "frontends/huggingface/Fields.h"

namespace lapidary::huggingface {

/// What a layer's queries see of the past.
enum class LayerType { Sliding, Full };

/// Heads of keys and values, and how wide these and the queries' are.
struct HeadFacts {
  int64_t kvHeads;
  int64_t width;

  bool operator==(const HeadFacts &) const = default;
};

/// Rotary position embedding of one layer type.
struct RopeFacts {
  double base;
  /// Divides the angles.
  double factor = 1.0;
  /// How many of the pairs rotate: the first of them, all if 1.
  double share = 1.0;
};

/// A text model as its config.json describes it.
struct TextConfig {
  int64_t vocabulary;
  int64_t hidden;
  /// Width of the feed-forward block, one entry per layer.
  llvm::SmallVector<int64_t> intermediates;
  int64_t heads;
  HeadFacts slidingHeads;
  HeadFacts fullHeads;
  int64_t maxPositions;
  /// Keys that a query of a sliding layer sees, itself included; in a
  /// bidirectional model as many on each side.
  int64_t window;
  /// One entry per layer.
  llvm::SmallVector<LayerType> layerTypes;
  /// How many layers the checkpoint has, and which of them each layer is.
  int64_t storedLayers;
  /// Whether it shares what all layers are told with a model that has them all.
  bool looksUpAllLayers = false;
  llvm::SmallVector<int64_t> sources;
  /// The layer whose keys and values a layer reads, its own or an earlier one;
  /// one entry per layer.
  llvm::SmallVector<int64_t> kvOwners;
  RopeFacts slidingRope;
  RopeFacts fullRope;
  double rmsNormEpsilon;
  /// Scores are multiplied by it.
  double attentionScale;
  /// Absent where scores, or logits, are not capped.
  std::optional<double> attentionSoftcap;
  std::optional<double> finalLogitSoftcap;
  /// What each layer is told of its token besides the embedding: how much (0
  /// for nothing), and of how many tokens (0 where no table has it).
  int64_t perLayerWidth = 0;
  int64_t perLayerVocabulary = 0;
  /// How far ahead of the position of its row a query is.
  int64_t positionsAhead = 0;
  /// Whether queries see what comes after them, too.
  bool isBidirectional = false;
  /// How much of it in a sliding layer, if not as much as before them.
  std::optional<int64_t> windowAhead;
  /// Whether it is an encoder, whose rows are those of a source.
  bool readsSource = false;
  /// The token that ends an image, where it has a row of its own.
  std::optional<int64_t> endOfImage;
  /// Whether the embedding table is also the output head.
  bool tiedEmbeddings;

  /// The heads in layers of `type`.
  const HeadFacts &getHeads(LayerType type) const {
    return type == LayerType::Full ? fullHeads : slidingHeads;
  }

  /// The rotation in layers of `type`.
  const RopeFacts &getRope(LayerType type) const {
    return type == LayerType::Full ? fullRope : slidingRope;
  }
};

/// What transformers' class of a generation has where the file has nothing.
struct TextDefaults {
  int64_t vocabulary;
  int64_t hidden;
  int64_t intermediate;
  int64_t layers;
  int64_t heads;
  int64_t kvHeads;
  int64_t headDim;
  int64_t maxPositions;
  /// 0 where no layer slides.
  int64_t window = 0;
  /// Without a list of layer types every so many-th layer sees everything.
  int64_t pattern;
  RopeFacts fullRope;
  /// Absent where all layers rotate alike.
  std::optional<RopeFacts> slidingRope = std::nullopt;
};

/// Far above any model, so that products of two sizes cannot overflow and a
/// misread file does not ask for absurd amounts of IR.
inline constexpr IntegerRange sizeRange = {1, 1 << 24};
inline constexpr IntegerRange layerRange = {1, 1 << 12};
inline constexpr IntegerRange positionRange = {1, INT32_MAX};

/// Records that the list in field `name` must have one entry per layer, if it
/// has not.
void checkOnePerLayer(const Fields &text, llvm::StringRef name, size_t entries,
                      int64_t layers);

/// One config.json, flat or wrapped with a `text_config` as those of multimodal
/// models are.
class TextConfigFile {
public:
  /// `config` outlives the reader. Errors name `file` and the field.
  TextConfigFile(llvm::StringRef file, const llvm::json::Object &config)
      : errors(file), root(errors, config),
        wrapped(root.getFields("text_config")) {}
  /// The text model is described by the object at `path`.
  TextConfigFile(llvm::StringRef file, const llvm::json::Object &config,
                 llvm::ArrayRef<llvm::StringRef> path);
  TextConfigFile(const TextConfigFile &) = delete;
  TextConfigFile &operator=(const TextConfigFile &) = delete;

  bool isWrapped() const { return wrapped.has_value(); }

  /// The object that describes the whole model.
  const Fields &getRoot() const { return root; }

  /// The object that describes the text model.
  const Fields &getText() const { return wrapped ? *wrapped : root; }

  /// What all generations have: all but softcaps, `attentionScale` and
  /// directions. Refuses what no importer does.
  TextConfig readShared(const TextDefaults &defaults) const;

  /// Refuses models whose queries see what comes after them.
  void requireCausal() const;

  /// The inverse square root of `query_pre_attn_scalar`.
  double readAttentionScale() const;

  /// Which of the last layers, `fallback` of them unless the file says it, read
  /// the keys and values of earlier ones.
  void readKvSharing(int64_t fallback, TextConfig &config) const;

  /// Inputs of layers, `fallback` wide unless the file says it.
  void readPerLayerInputs(int64_t fallback, TextConfig &config) const;

  /// `config`, or the first problem with any field that was read.
  template <typename Config>
  llvm::Expected<Config> finish(Config config) const {
    if (llvm::Error error = errors.take())
      return std::move(error);
    return config;
  }

private:
  FieldErrors errors;
  Fields root;
  std::optional<Fields> wrapped;
};

/// Reads the config.json of a generation that TextConfig describes whole.
using TextConfigReader = llvm::Expected<TextConfig>(
    llvm::StringRef file, const llvm::json::Object &config);

TextConfigReader readEmbeddingGemmaConfig;
TextConfigReader readGemma1Config;
TextConfigReader readGemma2Config;
TextConfigReader readGemma3Config;

/// What models of the generation and encoders and decoders made of its layers
/// have in common.
TextConfig readGemma2(const TextConfigFile &file);
TextConfig readGemma3(const TextConfigFile &file);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_TEXTCONFIG_H
