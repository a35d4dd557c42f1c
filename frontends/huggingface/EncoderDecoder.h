//===- EncoderDecoder.h - Encoders with decoders ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An encoder reads a source as a whole; layers of a decoder, which continues a
// text, see keys and values that they make of the encoder's states.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_ENCODERDECODER_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_ENCODERDECODER_H

#include "frontends/huggingface/TextModel.h"

namespace lapidary::huggingface {

struct EncoderDecoderConfig {
  TextConfig encoder;
  TextConfig decoder;
};

/// Read config.json of `t5gemma` and `t5gemma2`. Errors name `file` and the
/// field.
llvm::Expected<EncoderDecoderConfig>
readT5GemmaConfig(llvm::StringRef file, const llvm::json::Object &config);
llvm::Expected<EncoderDecoderConfig>
readT5Gemma2Config(llvm::StringRef file, const llvm::json::Object &config);

/// Layers as encoders and decoders of both generations name their parts.
class T5Model : public TextModel {
public:
  T5Model(ModelBuilder &model, const TextConfig &config)
      : TextModel(model, config, /*normOffset=*/1.0) {}

  /// The encoder's states of all rows.
  mlir::Value allStates() { return norm(states(), "norm"); }

  /// Makes of `states`, an encoder's, what layer `index` of this decoder sees
  /// of the source.
  virtual void appendSource(mlir::Value states, int64_t index) = 0;

protected:
  mlir::Value layer(mlir::Value x, int64_t index) override;

  /// What stands between attention and feed-forward; nothing by default.
  virtual mlir::Value attendToSource(mlir::Value x, int64_t /*index*/) {
    return x;
  }
};

/// Emits encoder or decoder of a generation.
using MakeT5Model = llvm::function_ref<std::unique_ptr<T5Model>(
    ModelBuilder &, const TextConfig &)>;

/// Imports `checkpoint` as a module with the functions `@text`, which is the
/// decoder, and `@encode(tokens, batch) -> states of the wanted rows`.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importEncoderDecoder(mlir::MLIRContext &context, const Checkpoint &checkpoint,
                     const ImportOptions &options, llvm::StringRef architecture,
                     const EncoderDecoderConfig &config, MakeT5Model make);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_ENCODERDECODER_H
