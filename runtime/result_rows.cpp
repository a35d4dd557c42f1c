//===- result_rows.cpp - Where the rows of a result go --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runtime/result_rows.h"

#include <algorithm>

using namespace lapidary;

void ResultRows::reserve(size_t rows, bool apart) {
  places_.reserve(rows);
  if (apart)
    staging_.resize(std::max(staging_.size(), rows * width_));
}

bool ResultRows::are_together() const {
  for (size_t i = 0; i < places_.size(); i++)
    if (!places_[i] || places_[i] != places_[0] + i * width_)
      return false;
  return true;
}

float *ResultRows::begin() {
  if (places_.empty())
    return nullptr;
  return are_together() ? places_[0] : staging_.data();
}

void ResultRows::deliver() {
  if (are_together())
    return;
  for (size_t i = 0; i < places_.size(); i++)
    if (places_[i])
      std::copy_n(staging_.data() + i * width_, width_, places_[i]);
}
