//===- SentenceEncoder.cpp - Models that embed texts ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#include "frontends/huggingface/SentenceEncoder.h"
#include "frontends/huggingface/SentenceModules.h"

using namespace lapidary;
using namespace lapidary::huggingface;
using namespace mlir;
using llvm::Expected;

Expected<OwningOpRef<ModuleOp>>
huggingface::importEncoder(MLIRContext &context, const Checkpoint &checkpoint,
                           StringRef architecture, const TextConfig &config,
                           int64_t width,
                           function_ref<Value(ModelBuilder &)> emitMeans) {
  Expected<SentenceModules> modules = readSentenceModules(checkpoint, width);
  if (!modules)
    return modules.takeError();
  return importModel(context, checkpoint, {architecture, gemma::kEmbedName},
                     config, [&](ModelBuilder &model) {
                       Value x = emitMeans(model);
                       for (const DenseModule &dense : modules->dense)
                         x = model.product(
                             x, model.weight(dense.name, *dense.weight),
                             dense.name);
                       if (modules->normalizes)
                         x = model.create<gemma::L2NormOp>(x);
                       return SmallVector<Value>{x};
                     });
}
