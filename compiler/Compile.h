//===- Compile.h - A checkpoint becomes an artifact -------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one entry point of the compiler as a library; the command line is a thin
// layer over it.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_COMPILER_COMPILE_H
#define LAPIDARY_COMPILER_COMPILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lapidary {

/// What to compile, for which machines, and where to.
struct CompileOptions {
  /// A Hugging Face checkpoint directory.
  std::string checkpoint;
  /// Another, of a draft head for this one; empty for none.
  std::string draft;
  /// The file to write. It appears under this name when it is complete.
  std::string output;
  /// Names of targets or architectures that targets/Registry knows, or "host";
  /// one variant for each target.
  std::vector<std::string> targets = {"host"};
  /// How products read their weights: "f32", "bf16", "int8", "int4".
  std::string quant = "bf16";
  /// How the KV cache is stored: "f32", "bf16", "int8".
  std::string kv = "bf16";
  /// Positions that a sequence may hold; 0 is what the checkpoint was trained
  /// on. More than that is allowed and warned of.
  int64_t context = 0;
  /// Which model of a MatFormer checkpoint to compile, as frontends' Slice.h
  /// spells it; empty for the whole.
  std::string slice;
  /// Smaller models that stand in the artifact beside it and share its weights,
  /// as `--nested` has them; empty for none.
  std::string nested;
  /// What to write: "lap", or "exe", a program that carries its model.
  std::string emit = "lap";
  /// A textual pass pipeline to run in place of the default; empty for none.
  std::string pipeline;
  /// A directory that receives the IR after every stage and the objects of each
  /// target; empty for none.
  std::string dumpIr;
  /// A directory that keeps the code of kernels for later compilations; empty
  /// for none.
  std::string codeCache;
  /// Whether to report times and sizes of the stages on stderr.
  bool stats = false;
  /// Called when a stage begins and while it goes on, with how much of the
  /// whole compilation is done, in [0, 1]. May be null.
  std::function<void(llvm::StringRef stage, double fraction)> progress;
};

/// Compiles as `options` say. On failure nothing is left under the output's
/// name. Fails with an InputError when the checkpoint or an option is wrong and
/// with a MachineError when this machine cannot do it (compiler/Errors.h).
llvm::Error compile(const CompileOptions &options);

} // namespace lapidary

#endif // LAPIDARY_COMPILER_COMPILE_H
