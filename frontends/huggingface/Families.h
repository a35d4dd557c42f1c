//===- Families.h - The importer of each Gemma generation -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_FAMILIES_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_FAMILIES_H

#include "frontends/huggingface/Checkpoint.h"
#include "frontends/huggingface/Import.h"

namespace lapidary::huggingface {

/// Imports a checkpoint that is known to be of the importer's generation.
using Importer = llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>(
    mlir::MLIRContext &, const Checkpoint &);

Importer importEmbeddingGemma;
Importer importGemma1;
Importer importGemma2;
Importer importGemma3;
Importer importGemma3n;
Importer importGemma4;
Importer importVaultGemma;

/// The importer for the architecture that config.json names, or for its
/// `model_type` where it names none.
llvm::Expected<Importer *> findImporter(const Checkpoint &checkpoint);

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_FAMILIES_H
