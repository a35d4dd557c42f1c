//===- Families.h - The importer of each Gemma generation -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_FAMILIES_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_FAMILIES_H

#include "frontends/huggingface/Checkpoint.h"
#include "frontends/huggingface/Import.h"

namespace lapidary::huggingface {

/// What is asked of a model besides what it does anyway.
struct ImportOptions {
  /// For MatFormer checkpoints: the model that is meant, and others within it
  /// that share its weights.
  Slice slice;
  llvm::ArrayRef<NestedSlice> nested;
  /// Whether a text model returns the states of the wanted rows, too: what the
  /// head makes logits of.
  bool givesStates = false;
};

/// Imports a checkpoint that is known to be of the importer's generation.
using Importer = llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>(
    mlir::MLIRContext &, const Checkpoint &, const ImportOptions &);

Importer importEmbeddingGemma;
Importer importEmbeddingGemma2;
Importer importGemma1;
Importer importGemma2;
Importer importGemma3;
Importer importGemma3n;
Importer importGemma4;
Importer importRecurrentGemma;
Importer importT5Gemma;
Importer importT5Gemma2;
Importer importVaultGemma;

/// Adds the function `@draft` of a draft head to the module of its target:
/// `(tokens, batch, states) -> (logits, states)`.
using DraftImporter = llvm::Error(mlir::ModuleOp target, const Checkpoint &);

DraftImporter importGemma4Draft;

/// The importer of the draft head at `checkpoint`.
llvm::Expected<DraftImporter *> findDraftImporter(const Checkpoint &checkpoint);

/// The importer for the architecture that config.json names, or for its
/// `model_type` where it names none.
llvm::Expected<Importer *> findImporter(const Checkpoint &checkpoint);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_FAMILIES_H
