//===- Gemma3.h - Gemma 3 text models ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pre- and post-norms around attention and feed-forward, norms on queries and
// keys, sliding layers with one rotation and full layers with another.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA3_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA3_H

#include "frontends/huggingface/TextModel.h"

namespace lapidary::huggingface {

/// Emits the text model.
class Gemma3 : public TextModel {
public:
  Gemma3(ModelBuilder &model, const TextConfig &config)
      : TextModel(model, config, /*normOffset=*/1.0) {}

protected:
  mlir::Value layer(mlir::Value x, int64_t index) override;
  mlir::Value normHeads(mlir::Value heads, llvm::StringRef name) override;
};

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA3_H
