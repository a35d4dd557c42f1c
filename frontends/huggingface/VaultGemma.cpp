//===- VaultGemma.cpp - VaultGemma ------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gemma 2 without the norms behind attention and feed-forward. The
// configuration has Gemma 2's fields and defaults.
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/Families.h"
#include "frontends/huggingface/TextModel.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

namespace {

class VaultGemma : public TextModel {
public:
  VaultGemma(ModelBuilder &model, const TextConfig &config)
      : TextModel(model, config, /*normOffset=*/1.0) {}

protected:
  Value layer(Value x, int64_t index) override {
    x = add(x, attention(norm(x, "input_layernorm"), index));
    return add(x, feedForward(norm(x, "pre_feedforward_layernorm"),
                              config.intermediates[index]));
  }
};

} // namespace

Expected<OwningOpRef<ModuleOp>>
huggingface::importVaultGemma(MLIRContext &context,
                              const Checkpoint &checkpoint,
                              const ImportOptions &options) {
  return importText<VaultGemma>(context, checkpoint, options, "vaultgemma",
                                readGemma2Config);
}
