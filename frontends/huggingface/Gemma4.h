//===- Gemma4.h - Gemma 4 text models ---------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The layers that Gemma 4, its draft heads and its encoder are made of.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA4_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA4_H

#include "frontends/huggingface/Gemma4Config.h"
#include "frontends/huggingface/TextModel.h"

namespace lapidary::huggingface {

/// Emits a Gemma 4 text model.
class Gemma4 : public TextModel {
public:
  Gemma4(ModelBuilder &model, const Gemma4Config &config)
      : TextModel(model, config, /*normOffset=*/0.0), config(config) {}

  mlir::Value states() override;

protected:
  mlir::Value layer(mlir::Value x, int64_t index) override;

  mlir::Value normHeads(mlir::Value heads, llvm::StringRef name) override {
    return norm(heads, name);
  }

  mlir::Value values(mlir::Value h, mlir::Value keys, LayerType type) override;

private:
  mlir::Value experts(mlir::Value x, const ExpertFacts &facts);

  const Gemma4Config &config;
};

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_GEMMA4_H
