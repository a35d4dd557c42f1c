//===- SentenceEncoder.h - Models that embed texts --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEENCODER_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEENCODER_H

#include "frontends/huggingface/TextModel.h"

namespace lapidary::huggingface {

/// Imports `checkpoint` as a module with the function `@embed(tokens, batch) ->
/// embeddings of the sequences of the wanted rows`: what the checkpoint's
/// modules make of the means of states, `width` wide, that `emitMeans` emits.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importEncoder(mlir::MLIRContext &context, const Checkpoint &checkpoint,
              llvm::StringRef architecture, const TextConfig &config,
              int64_t width,
              llvm::function_ref<mlir::Value(ModelBuilder &)> emitMeans);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_SENTENCEENCODER_H
