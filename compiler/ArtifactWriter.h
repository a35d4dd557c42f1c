//===- ArtifactWriter.h - A planned module becomes a file -------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_COMPILER_ARTIFACTWRITER_H
#define LAPIDARY_COMPILER_ARTIFACTWRITER_H

#include "frontends/huggingface/SentencePrompts.h"
#include "targets/Target.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace lapidary {

/// Code for one target, beside which target it is.
struct CompiledVariant {
  const Target *target;
  CodeImage image;
};

/// What goes into an artifact.
struct ArtifactContents {
  /// A module with plan.program, kernels, parameters and `gemma.config`.
  mlir::ModuleOp module;
  /// The scheme's name, for people.
  std::string quantization;
  /// In order of preference.
  llvm::ArrayRef<CompiledVariant> variants;
  /// The `Tokenizer` FlatBuffer; empty when the checkpoint has none.
  llvm::ArrayRef<uint8_t> tokenizer;
  huggingface::SentencePrompts prompts;
  /// An executable to put the artifact into; empty for none.
  llvm::StringRef executable;
};

/// Writes an artifact to `path`: beside it first, then renamed. Weights are
/// packed on the way, a few megabytes at a time; `progress` hears which part of
/// their bytes is done.
llvm::Error writeArtifact(const ArtifactContents &contents,
                          llvm::StringRef path,
                          llvm::function_ref<void(double)> progress);

} // namespace lapidary

#endif // LAPIDARY_COMPILER_ARTIFACTWRITER_H
