//===- Softmax.h - What attention knows of its queries and keys -*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_TARGETS_CPU_SOFTMAX_H
#define LAPIDARY_TARGETS_CPU_SOFTMAX_H

#include "targets/cpu/KernelEmitter.h"

namespace lapidary::cpu {

/// Keys and values of a sequence.
struct KernelEmitter::Cache {
  Value pages;
  Value offset; ///< of the layer's part in a page
  Value end;    ///< position behind the last; null for causal rows
  Value turns;  ///< of keys that follow from values; null for kept ones
  bool isSource = false;
};

/// `rows` consecutive rows and of each the query heads of one key head.
struct KernelEmitter::QueryTile {
  Value keyHead;
  llvm::SmallVector<Cache, 2> caches = {};
  Value rows = {};
  Value firstRow = {};      ///< in query and result
  Value firstPosition = {}; ///< its position
  /// Bytes, scales and sums of rounded queries; null where they are floats.
  Value bytes = {}, scales = {}, sums = {};
};

/// The queries that a key is read for once: of `rows` rows from `row` on
/// `heads` heads from `head` on, as the tile counts them.
struct KernelEmitter::QueryGroup {
  int64_t rows, heads;
  Value row, head;

  int64_t size() const { return rows * heads; }
};

/// The running softmax of a query: values weighted by `exp(score - peak)`, the
/// greatest score, the sum of weights. Each is a place in memory.
struct KernelEmitter::Softmax {
  Value weighted, peak, total;
};

/// Softmaxes of rows `stride` bytes apart: first what is weighted of each head,
/// then its greatest score, then its sum.
struct KernelEmitter::Softmaxes {
  Value weighted, peaks, totals;
  int64_t dim, stride;

  Softmax of(Emitter &emit, Value row, Value head) const {
    Value start = emit.mul(row, emit.index(stride));
    Value number = emit.add(start, emit.shiftLeft(head, 2));
    return {
        emit.at(weighted, emit.add(start, emit.mul(head, emit.index(4 * dim)))),
        emit.at(peaks, number), emit.at(totals, number)};
  }
};

/// Pages from `first` on, before `end`.
struct KernelEmitter::PageRange {
  Value first, end;
};

/// What a group sees of a page.
struct KernelEmitter::Page {
  Value position;     ///< of its first key
  Value first, end;   ///< keys of the page; the first is a multiple of 16
  Value keys, values; ///< of the key head
  Value next;         ///< what is read after it; null where nobody waits for it
};

/// Positions that a query sees, both included.
struct KernelEmitter::Sight {
  Value low, high;
};

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_SOFTMAX_H
