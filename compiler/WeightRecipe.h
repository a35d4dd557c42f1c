//===- WeightRecipe.h - Rows of a derived weight ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Follows a chain of gemma weight operations down to the bytes of the
// checkpoint, one row at a time, so that no derived matrix is ever held.
#ifndef LAPIDARY_COMPILER_WEIGHTRECIPE_H
#define LAPIDARY_COMPILER_WEIGHTRECIPE_H

#include "dialects/gemma/Gemma.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace lapidary {

/// The checkpoint's files, mapped when first asked for.
class SourceFiles {
public:
  /// `size` bytes of `path` from `offset` on.
  llvm::Expected<llvm::StringRef> bytes(llvm::StringRef path, uint64_t offset,
                                        uint64_t size);

  /// Lets go of the memory that bytes were read into; they can be read again.
  void release();

private:
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> files;
};

/// A weight of which any row can be computed, in float32, from any thread. A
/// vector is one row. Conversion to `!gemma.quant` is left to whoever packs.
class WeightRecipe {
public:
  virtual ~WeightRecipe() = default;
  /// Writes row `index` to `out`, as long as the weight is wide.
  virtual void computeRow(int64_t index,
                          llvm::MutableArrayRef<float> out) const = 0;

  /// The recipe of `weight`, a value of a `plan.program` or a model function.
  static llvm::Expected<std::unique_ptr<WeightRecipe>>
  create(mlir::Value weight, SourceFiles &files);
};

/// Rounds to the nearest bfloat16, ties to even; the result's upper half.
uint16_t toBFloat16(float value);

} // namespace lapidary

#endif // LAPIDARY_COMPILER_WEIGHTRECIPE_H
