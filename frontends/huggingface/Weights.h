//===- Weights.h - Finding the tensors a model needs ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_FRONTENDS_HUGGINGFACE_WEIGHTS_H
#define LAPIDARY_FRONTENDS_HUGGINGFACE_WEIGHTS_H

#include "frontends/huggingface/Checkpoint.h"
#include "llvm/ADT/DenseSet.h"

namespace lapidary::huggingface {

/// `tensor`, which `file` has as `name`, or null where it has none. It must be
/// there, hold floats and have the shape `shape`.
llvm::Expected<const Tensor *> checkWeight(const Tensor *tensor,
                                           llvm::StringRef name,
                                           llvm::StringRef file,
                                           llvm::ArrayRef<int64_t> shape);

/// Hands out the text model's tensors by their names below its prefix and
/// remembers which ones were asked for.
class Weights {
public:
  /// Finds the prefix that `checkpoint` puts before its text tensors; the one
  /// that leads to an embedding table. `checkpoint` outlives the result.
  static llvm::Expected<Weights> find(const Checkpoint &checkpoint);

  /// The tensor `<prefix><name>`, which must exist, hold floats and have the
  /// shape `shape`.
  llvm::Expected<const Tensor *> take(llvm::StringRef name,
                                      llvm::ArrayRef<int64_t> shape);

  /// Counts the tensor `<prefix><name>` as used if there is one.
  void ignore(llvm::StringRef name);

  /// Counts all tensors `<prefix><start>...` as used.
  void ignoreBelow(llvm::StringRef start);

  /// The separate output head, which lies outside of the prefix.
  llvm::Expected<const Tensor *> takeHead(llvm::ArrayRef<int64_t> shape);

  /// The tensor `name` outside of the prefix; as `take`.
  llvm::Expected<const Tensor *> takeOutside(llvm::StringRef name,
                                             llvm::ArrayRef<int64_t> shape);

  /// The tensor `name` outside of the prefix, which must exist and hold each
  /// number below `length` once.
  llvm::Expected<const Tensor *> takeOrder(llvm::StringRef name,
                                           int64_t length);

  /// The tensors of image and audio encoders, which a text model leaves out.
  std::vector<const Tensor *> getEncoderTensors() const;

  /// The tensors that were never taken and belong to no encoder.
  std::vector<const Tensor *> getUnusedTensors() const;

private:
  Weights(const Checkpoint &checkpoint, llvm::StringRef prefix,
          llvm::StringRef headName)
      : checkpoint(checkpoint), prefix(prefix), headName(headName) {}

  llvm::Expected<const Tensor *> takeExact(const llvm::Twine &name,
                                           llvm::ArrayRef<int64_t> shape);

  const Checkpoint &checkpoint;
  llvm::StringRef prefix;
  llvm::StringRef headName;
  llvm::DenseSet<const Tensor *> taken;
};

} // namespace lapidary::huggingface

#endif // LAPIDARY_FRONTENDS_HUGGINGFACE_WEIGHTS_H
