//===- result_rows.h - Where the rows of a result go ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A run writes the rows of a result end to end. Callers want them in places of
// their own, or not at all.
#ifndef LAPIDARY_RUNTIME_RESULT_ROWS_H
#define LAPIDARY_RUNTIME_RESULT_ROWS_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lapidary {

/// One result of one function.
class ResultRows {
public:
  explicit ResultRows(size_t width) : width_(width) {}

  size_t width() const { return width_; }
  /// Bytes of memory for rows on their way.
  uint64_t memory_bytes() const { return staging_.size() * sizeof(float); }

  /// Makes room for `rows` rows; `apart` unless they all go to places that lie
  /// end to end. The only member that may fail.
  void reserve(size_t rows, bool apart);

  /// Begins another run.
  void clear() { places_.clear(); }
  /// The place of the next row, null if nobody wants it.
  void add(float *place) { places_.push_back(place); }

  /// Where the run writes the rows.
  float *begin();
  /// Brings rows that the run wrote elsewhere to their places.
  void deliver();

private:
  bool are_together() const;

  const size_t width_;
  std::vector<float *> places_;
  std::vector<float> staging_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_RESULT_ROWS_H
