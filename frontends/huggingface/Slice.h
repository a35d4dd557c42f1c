//===- Slice.h - Models within a model --------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A MatFormer checkpoint is trained so that smaller models lie in it: they have
// some of its layers, and of their feed-forward blocks the first columns.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_SLICE_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_SLICE_H

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace lapidary::huggingface {

struct TextConfig;

/// Which of the models in a checkpoint is meant; by default the whole.
struct Slice {
  /// The layers that it has, ascending; all if empty.
  llvm::SmallVector<int64_t> layers;
  /// Widths of their feed-forward blocks, one for each or one for all; as in
  /// the checkpoint if empty.
  llvm::SmallVector<int64_t> intermediates;

  bool isWhole() const { return layers.empty() && intermediates.empty(); }
};

/// A model within another, by whose side it stands in an artifact.
struct NestedSlice {
  std::string name;
  Slice slice;
};

/// Reads "e2b: layers=0-19,25-34 intermediate_size=8192; ...". Errors name
/// '--nested'.
llvm::Expected<llvm::SmallVector<NestedSlice>>
parseNested(llvm::StringRef text);

/// Reads "layers=0-19,25-34 intermediate_size=8192"; either part may be absent.
/// Errors name '--slice'.
llvm::Expected<Slice> parseSlice(llvm::StringRef text);

/// Leaves of `config` what belongs to `slice`, which must lie within it. Errors
/// name '--slice'.
llvm::Error cutConfig(const Slice &slice, TextConfig &config);

/// Leaves of `list`, which has an entry per layer, those of `layers`.
template <typename List>
void keepLayers(List &list, llvm::ArrayRef<int64_t> layers) {
  List kept;
  for (int64_t layer : layers)
    kept.push_back(list[layer]);
  list = std::move(kept);
}

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_SLICE_H
