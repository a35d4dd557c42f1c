//===- EmbeddingGemma2.cpp - EmbeddingGemma 2 -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The layers of Gemma 4 with queries that see what comes after them, too, and
// with inputs that a projection alone makes; instead of a head a projection of
// the mean of a sequence's states.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/Gemma4.h"
#include "frontends/huggingface/SentenceEncoder.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

namespace {

class EmbeddingGemma2 : public Gemma4 {
public:
  EmbeddingGemma2(ModelBuilder &model, const EmbeddingGemma2Config &config)
      : Gemma4(model, config), config(config) {}

  Value states() override {
    Value x = embed();
    model.enter("ple");
    perLayerInputs(x);
    model.enter("");
    return layers(x);
  }

  /// The means of the sequences of the wanted rows. The reference projects all
  /// states; a product with their mean is the same and costs less.
  Value means() {
    Value x = model.meanRows(norm(states(), "norm"));
    return model.linear(x, "embedding_projection", config.embeddingWidth);
  }

protected:
  Value perLayerUpdate(Value x, int64_t index) override {
    std::string layer = ("layers." + Twine(index)).str();
    model.enter(layer + ".ple_block");
    Value y = TextModel::perLayerUpdate(x, index);
    model.enter(layer);
    return y;
  }

private:
  const EmbeddingGemma2Config &config;
};

} // namespace

Expected<OwningOpRef<ModuleOp>>
huggingface::importEmbeddingGemma2(MLIRContext &context,
                                   const Checkpoint &checkpoint,
                                   const ImportOptions & /*options*/) {
  Expected<EmbeddingGemma2Config> config = readEmbeddingGemma2Config(
      checkpoint.getPath("config.json"), checkpoint.getConfig());
  if (!config)
    return config.takeError();
  return importEncoder(context, checkpoint, "embeddinggemma2", *config,
                       config->embeddingWidth, [&](ModelBuilder &model) {
                         return EmbeddingGemma2(model, *config).means();
                       });
}
