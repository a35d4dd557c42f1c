//===- EmbeddingGemma.cpp - EmbeddingGemma ----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The layers of Gemma 3 with queries that see what comes after them, too, and
// instead of a head the mean of a sequence's states.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/Gemma3.h"
#include "frontends/huggingface/SentenceEncoder.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

/// The file gives the width of the window; half of it is on either side.
Expected<TextConfig>
huggingface::readEmbeddingGemmaConfig(StringRef path,
                                      const llvm::json::Object &object) {
  TextConfigFile file(path, object);
  TextConfig config = readGemma3(file);
  config.window = config.window / 2 + 1;
  config.isBidirectional = true;
  constexpr llvm::StringLiteral name = "use_bidirectional_attention";
  if (!file.getText().getBoolean(name, false))
    file.getText().reject(name, "true, since a causal model needs a head");
  return file.finish(config);
}

namespace {

class EmbeddingGemma : public Gemma3 {
public:
  using Gemma3::Gemma3;

  /// The means of the sequences of the wanted rows.
  Value means() { return model.meanRows(norm(states(), "norm")); }
};

} // namespace

Expected<OwningOpRef<ModuleOp>>
huggingface::importEmbeddingGemma(MLIRContext &context,
                                  const Checkpoint &checkpoint,
                                  const ImportOptions & /*options*/) {
  Expected<TextConfig> config = readEmbeddingGemmaConfig(
      checkpoint.getPath("config.json"), checkpoint.getConfig());
  if (!config)
    return config.takeError();
  return importEncoder(context, checkpoint, "embeddinggemma", *config,
                       config->hidden, [&](ModelBuilder &model) {
                         return EmbeddingGemma(model, *config).means();
                       });
}
