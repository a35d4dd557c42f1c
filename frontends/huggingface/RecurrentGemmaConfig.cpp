//===- RecurrentGemmaConfig.cpp - Facts of a RecurrentGemma -----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/RecurrentGemmaConfig.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace llvm;

/// The list of blocks is repeated until all layers have one.
static SmallVector<BlockType> readBlockTypes(const Fields &text,
                                             int64_t layers) {
  constexpr StringLiteral name = "block_types";
  SmallVector<StringRef> names = text.getStrings(name).value_or(
      SmallVector<StringRef>{"recurrent", "recurrent", "attention"});
  if (names.empty())
    text.reject(name, "a list with at least one entry");
  SmallVector<BlockType> types;
  for (StringRef block : names) {
    if (block != "recurrent" && block != "attention")
      text.getErrors().report(
          formatv("field '{0}' must list 'recurrent' or 'attention', but one "
                  "entry is '{1}'",
                  text.getPath(name), block));
    types.push_back(block == "attention" ? BlockType::Attention
                                         : BlockType::Recurrent);
  }
  for (int64_t layer = types.size(); layer < layers && !names.empty(); ++layer)
    types.push_back(types[layer - names.size()]);
  types.resize(layers);
  return types;
}

/// Old files have the share of a head that rotates beside the rotation, newer
/// ones within it.
static int64_t readRotaryWidth(const Fields &text, int64_t headDim) {
  constexpr StringLiteral name = "partial_rotary_factor";
  double share = text.getPositiveNumber(name, 0.5);
  if (std::optional<Fields> rope = text.getFields("rope_parameters"))
    share = rope->getPositiveNumber(name, share);
  auto width = int64_t(share * headDim);
  if (share > 1.0 || width < 2 || width % 2 != 0)
    text.getErrors().report(
        formatv("field '{0}' must let an even number of the {1} columns of a "
                "head rotate, but it is {2}",
                text.getPath(name), headDim, share));
  return width;
}

static TextDefaults getDefaults(const Fields &text) {
  int64_t hidden = text.getInteger("hidden_size", sizeRange, 2560);
  int64_t heads = text.getInteger("num_attention_heads", sizeRange, 10);
  return {.vocabulary = 256000,
          .hidden = 2560,
          .intermediate = 3 * 2560,
          .layers = 26,
          .heads = 10,
          .kvHeads = heads,
          .headDim = hidden / heads,
          // No field says it; the models were trained with as many.
          .maxPositions = 8192,
          .window =
              text.getInteger("attention_window_size", positionRange, 2048),
          .pattern = layerRange.max,
          .fullRope = {1e4}};
}

Expected<RecurrentGemmaConfig>
huggingface::readRecurrentGemmaConfig(StringRef path,
                                      const json::Object &object) {
  TextConfigFile file(path, object);
  const Fields &text = file.getText();
  RecurrentGemmaConfig config(file.readShared(getDefaults(text)));
  // Half for the gate, half for what it lets through.
  for (int64_t &width : config.intermediates)
    width /= 2;
  int64_t headDim = config.slidingHeads.width;
  config.attentionScale = 1.0 / std::sqrt(double(headDim));
  config.finalLogitSoftcap = text.getPositiveNumber("logits_soft_cap", 30.0);
  config.blockTypes = readBlockTypes(text, config.layerTypes.size());
  config.rotaryWidth = readRotaryWidth(text, headDim);
  config.taps = text.getInteger("conv1d_width", {2, 64}, 4);
  config.recurrentWidth =
      text.getInteger("lru_width", sizeRange, config.hidden);
  if (config.recurrentWidth % config.heads != 0)
    text.reject("lru_width",
                formatv("a multiple of the {0} of 'num_attention_heads'",
                        config.heads));
  return file.finish(config);
}
