//===- Formulas.h - What each operation computes ----------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One function for one formula of GemmaOps.td, in float32 and as plain as it
// is written there. Shapes are as the verifiers promise.
//===----------------------------------------------------------------------===//
#ifndef LAPIDARY_DIALECTS_GEMMA_FORMULAS_H
#define LAPIDARY_DIALECTS_GEMMA_FORMULAS_H

#include "dialects/gemma/Gemma.h"
#include "dialects/gemma/Tensor.h"

#include <map>
#include <optional>

namespace lapidary::gemma {

/// Where a row belongs.
struct Place {
  int64_t sequence;
  /// Counted from 0.
  int64_t position;
};

/// A value of `!gemma.batch`.
struct Batch {
  std::vector<Place> rows;
  /// Rows whose logits are wanted.
  std::vector<int64_t> wanted;
};

/// The state of a `gemma.cache`.
struct Cache {
  /// Of one sequence.
  struct Past {
    int64_t positions = 0;
    /// Heads side by side, one position after the other.
    std::vector<float> keys, values;
  };
  std::map<int64_t, Past> sequences;
};

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

Tensor concatRows(llvm::ArrayRef<const Tensor *> inputs);
Tensor interleaveRows(const Tensor &even, const Tensor &odd);
Tensor offset(const Tensor &input, float value);
/// `element` is a float type or a `QuantType`.
Tensor convert(const Tensor &input, mlir::Type element);

//===----------------------------------------------------------------------===//
// Row by row
//===----------------------------------------------------------------------===//

/// Every token is below the number of rows of `table`.
Tensor embed(const Tensor &tokens, const Tensor &table, float scale);
Tensor scale(const Tensor &input, float factor);
Tensor rmsNorm(const Tensor &input, const Tensor &weight, NormAttr norm);
Tensor linear(const Tensor &input, const Tensor &weight, Product product);
/// `gelu(input[r, 2i]) * input[r, 2i + 1]`.
Tensor gatePairs(const Tensor &input);
/// `shapes` lists the `[heads, head_dim]` of each part.
std::vector<Tensor>
splitHeads(const Tensor &input,
           llvm::ArrayRef<std::pair<int64_t, int64_t>> shapes);
Tensor gelu(const Tensor &input);
Tensor mul(const Tensor &lhs, const Tensor &rhs);
Tensor add(const Tensor &lhs, const Tensor &rhs);
Tensor softcap(const Tensor &input, float cap);

//===----------------------------------------------------------------------===//
// Positions, past and other rows
//===----------------------------------------------------------------------===//

Tensor selectRows(const Tensor &input, const Batch &batch);
Tensor ropeTable(const Batch &batch, int64_t width, float base, float factor);
Tensor rope(const Tensor &input, const Tensor &table);
/// The first row that `append` would have to put behind a gap, if any.
std::optional<Place> findHole(const Batch &batch, const Cache &cache);
/// Rows of one sequence may overwrite the past; nothing may be left out.
void append(const Tensor &key, const Tensor &value, const Batch &batch,
            Cache &cache);
Tensor attention(const Tensor &query, KvType kv, const Cache &cache,
                 const Batch &batch, float scale, int64_t window,
                 std::optional<float> softcap);

} // namespace lapidary::gemma

#endif // LAPIDARY_DIALECTS_GEMMA_FORMULAS_H
