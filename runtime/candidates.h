//===- candidates.h - The best logits of a row ------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_CANDIDATES_H
#define LAPIDARY_RUNTIME_CANDIDATES_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lapidary {

/// A token that may come next.
struct Candidate {
  int32_t token;
  float logit;

  bool operator==(const Candidate &) const = default;
};

/// Higher logits first, of equal ones the lower token.
struct Better {
  template <typename Left, typename Right>
  bool operator()(const Left &left, const Right &right) const {
    return left.logit != right.logit ? left.logit > right.logit
                                     : left.token < right.token;
  }
};

/// Makes `best` the `count` best of `logits`, the best first. Logits that are
/// no numbers are left out.
void find_best(std::span<const float> logits, size_t count,
               std::vector<Candidate> &best);

/// 64-bit words with a bit for each of `columns`.
constexpr size_t bit_words(size_t columns) { return (columns + 63) / 64; }

/// Makes logits no numbers whose bits `allowed` has not.
void leave_out(std::span<float> logits, std::span<const uint64_t> allowed);

/// Makes `best` what `keys` say, which are as `OperandKind.Best` in
/// schema/artifact.fbs.
void read_keys(std::span<const int64_t> keys, std::vector<Candidate> &best);

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_CANDIDATES_H
