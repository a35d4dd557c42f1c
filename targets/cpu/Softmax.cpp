//===- Softmax.cpp - Sums that are weighted as they grow --------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/Softmax.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

KernelEmitter::Softmaxes KernelEmitter::softmaxesIn(int64_t heads, int64_t dim,
                                                    Value rows, int64_t stride,
                                                    Value head) {
  Value peaks = at(at(rows, 4 * heads * dim), shiftLeft(head, 2));
  return {at(rows, mul(head, index(4 * dim))), peaks, at(peaks, 4 * heads), dim,
          stride};
}

void KernelEmitter::clearSoftmax(const Softmax &softmax, int64_t dim) {
  int64_t lanes = lanesFor(dim);
  loop(index(0), index(4 * dim), 4 * lanes, [&](Value offset) {
    store(constant(vector(f32(), lanes), 0.0), at(softmax.weighted, offset), 4);
  });
  store(constant(f32(), kMasked), softmax.peak, 4);
  store(constant(f32(), 0.0), softmax.total, 4);
}

void KernelEmitter::mergeSoftmax(const Softmax &all, const Softmax &one,
                                 int64_t dim) {
  int64_t lanes = lanesFor(dim);
  auto number = [&](Value place) { return load(f32(), place, 4); };
  Value peak = maximum(number(all.peak), number(one.peak));
  auto decay = [&](const Softmax &softmax) {
    return lane(exp(broadcast(sub(number(softmax.peak), peak))), 0);
  };
  Value before = decay(all), added = decay(one);
  auto sumOf = [&](Value x, Value y, int64_t lanes) {
    auto factor = [&](Value scalar) {
      return lanes ? broadcast(scalar, lanes) : scalar;
    };
    return fma(x, factor(before), mul(y, factor(added)));
  };
  store(sumOf(number(all.total), number(one.total), 0), all.total, 4);
  store(peak, all.peak, 4);
  loop(index(0), index(4 * dim), 4 * lanes, [&](Value offset) {
    Type type = vector(f32(), lanes);
    Value to = at(all.weighted, offset);
    store(sumOf(load(type, to, 4), load(type, at(one.weighted, offset), 4),
                lanes),
          to, 4);
  });
}
