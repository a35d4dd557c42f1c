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

/// What a `gemma.state` holds.
struct State {
  /// Of one sequence.
  struct Past {
    int64_t positions = 0;
    std::vector<float> numbers;
  };
  std::map<int64_t, Past> sequences;
};

/// A value of `!gemma.routing`.
struct Routing {
  struct Choice {
    int64_t expert;
    float share;
  };
  /// Of each row, the most probable first.
  std::vector<llvm::SmallVector<Choice>> rows;
};

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

Tensor concatRows(llvm::ArrayRef<const Tensor *> inputs);
Tensor interleaveRows(const Tensor &even, const Tensor &odd);
Tensor interleaveHalves(const Tensor &input, int64_t blocks);
/// The block of the given shape that begins at row and column `at`.
Tensor slice(const Tensor &input, llvm::ArrayRef<int64_t> at,
             llvm::ArrayRef<int64_t> shape);
/// Every entry of `order` is the number of a row.
Tensor gatherRows(const Tensor &input, const Tensor &order);
Tensor fill(int64_t length, float value);
Tensor offset(const Tensor &input, float value);
Tensor softplus(const Tensor &input);
/// `element` is a float type or a `QuantType`.
Tensor convert(const Tensor &input, mlir::Type element);

//===----------------------------------------------------------------------===//
// Row by row
//===----------------------------------------------------------------------===//

/// Without `fallback`, every token is below the number of rows of `table`.
Tensor embed(const Tensor &tokens, const Tensor &table, float scale,
             std::optional<int64_t> fallback);
Tensor substitute(const Tensor &input, const Tensor &tokens, int64_t token,
                  const Tensor &row);
Tensor scale(const Tensor &input, float factor);
Tensor scaleBy(const Tensor &input, const Tensor &weight);
Tensor bias(const Tensor &input, const Tensor &weight);
Tensor sliceColumns(const Tensor &input, int64_t from, int64_t width);
Tensor rmsNorm(const Tensor &input, const Tensor &weight, NormAttr norm);
Tensor linear(const Tensor &input, const Tensor &weight, Product product);
/// `gelu(input[r, 2i]) * input[r, 2i + 1]`.
Tensor gatePairs(const Tensor &input);
/// `shapes` lists the `[heads, head_dim]` of each part.
std::vector<Tensor>
splitHeads(const Tensor &input,
           llvm::ArrayRef<std::pair<int64_t, int64_t>> shapes);
Tensor gelu(const Tensor &input);
Tensor gaussianTopK(const Tensor &input, float deviations);
Tensor mul(const Tensor &lhs, const Tensor &rhs);
Tensor add(const Tensor &lhs, const Tensor &rhs);
Tensor softcap(const Tensor &input, float cap);
Tensor l2Norm(const Tensor &input);

//===----------------------------------------------------------------------===//
// Alternating updates
//===----------------------------------------------------------------------===//

Tensor matchRms(const Tensor &input, const Tensor &target, float floor);
std::vector<Tensor> altupPredict(const Tensor &coefs,
                                 llvm::ArrayRef<const Tensor *> streams);
std::vector<Tensor> altupCorrect(const Tensor &coefs, const Tensor &activated,
                                 llvm::ArrayRef<const Tensor *> predictions,
                                 int64_t active);

//===----------------------------------------------------------------------===//
// Experts
//===----------------------------------------------------------------------===//

Routing route(const Tensor &scores, const Tensor &scales, int64_t top);
Tensor experts(const Tensor &input, const Routing &routing,
               const Tensor &gateUp, const Tensor &down, int64_t experts,
               Product product);
/// Every entry of `order` is the number of a column of the result.
Tensor clusteredLinear(const Tensor &input, const Tensor &scores,
                       const Tensor &weight, const Tensor &order, int64_t top,
                       Product product);

//===----------------------------------------------------------------------===//
// Positions, past and other rows
//===----------------------------------------------------------------------===//

Tensor meanRows(const Tensor &input, const Batch &batch);
Tensor selectRows(const Tensor &input, const Batch &batch);
/// The wanted rows of `batch` alone.
Batch selectPlaces(const Batch &batch);
/// Only the first `pairs` pairs rotate, as those of the position `ahead` on.
Tensor ropeTable(const Batch &batch, int64_t width, float base, float factor,
                 int64_t pairs, int64_t ahead);
Tensor rope(const Tensor &input, const Tensor &table);
/// The first row that `append` would have to put behind a gap, if any.
std::optional<Place> findHole(const Batch &batch, const Cache &cache);
/// Rows of one sequence may overwrite the past; nothing may be left out.
void append(const Tensor &key, const Tensor &value, const Batch &batch,
            Cache &cache);

/// `cache` with keys that follow from its values: times `weight`, rotated.
Cache deriveKeys(const Cache &cache, KvType kv, const Tensor &weight,
                 RotationAttr rotation);

/// How queries look at keys: attributes of `gemma.attention`.
struct Sight {
  float scale = 1;
  int64_t window = 0;
  std::optional<float> softcap = {};
  bool bidirectional = false;
  /// Keys seen behind the query's place, where there is a window.
  int64_t ahead = 0;
};

/// `source` may be null.
Tensor attention(const Tensor &query, KvType kv, const Cache &cache,
                 const Cache *source, const Batch &batch, const Sight &sight);

//===----------------------------------------------------------------------===//
// Recurrence
//===----------------------------------------------------------------------===//

Tensor blockLinear(const Tensor &input, const Tensor &weight, int64_t blocks);
/// The first row that does not go on where its sequence is, if any.
std::optional<Place> findJump(const Batch &batch, const State &state);
Tensor causalConv(const Tensor &input, const Tensor &weight, const Tensor &bias,
                  const Batch &batch, State &state);
Tensor rgLru(const Tensor &input, const Tensor &inputGate,
             const Tensor &recurrenceGate, const Tensor &rate,
             const Batch &batch, State &state);

} // namespace lapidary::gemma

#endif // LAPIDARY_DIALECTS_GEMMA_FORMULAS_H
