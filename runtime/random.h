//===- random.h - Random numbers, the same everywhere -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef LAPIDARY_RUNTIME_RANDOM_H
#define LAPIDARY_RUNTIME_RANDOM_H

#include <cstdint>

namespace lapidary {

/// SplitMix64: one addition and a mixing function for each number; every seed
/// is as good as any other.
class Random {
public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  /// A number in [0, 1) with 53 random bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

private:
  uint64_t state_;
};

} // namespace lapidary

#endif // LAPIDARY_RUNTIME_RANDOM_H
