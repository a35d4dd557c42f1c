//===- DerivedKeys.cpp - Keys that follow from values -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The key at position t + j is turned by the angles of t and of j. The first
// are taken off the queries, once for 16 keys; the second are the same for all
// blocks of 16. Both are exact; the angle that is wanted is rounded to float32,
// so the little that it then differs by is added.
#include "targets/cpu/KernelEmitter.h"

#include <numeric>

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

/// Lanes that divide each stretch of a head that is treated alike.
static int64_t lanesOf(kernel::AttentionOp op) {
  int64_t half = op.getFrequencies().getType().getWidth();
  int64_t pairs = *op.getPairs(), dim = op.getHeadDim();
  return lanesFor(std::gcd(std::gcd(pairs, half), dim));
}

Value KernelEmitter::floatsAt(kernel::AttentionOp op, Value place, Value i) {
  return load(vector(f32(), lanesOf(op)), at(place, shiftLeft(i, 2)), 4);
}

void KernelEmitter::eachTurn(
    kernel::AttentionOp op, Value position,
    llvm::function_ref<void(Value pair, Value cosine, Value sine)> body) {
  int64_t lanes = lanesOf(op);
  Value factor = broadcast(toFloat(narrow(position, i32()), f64()), lanes);
  loop(index(0), index(*op.getPairs()), lanes, [&](Value pair) {
    Value f = extend(floatsAt(op, address(op.getFrequencies()), pair), f64());
    auto [cosine, sine] = cosSin(mul(factor, f));
    body(pair, cosine, sine);
  });
}

Value KernelEmitter::makeTurns(kernel::AttentionOp op) {
  int64_t pairs = *op.getPairs();
  Value turns = reserve(2 * 4 * kernel::kKeyBlock * pairs);
  loop(index(0), index(kernel::kKeyBlock), 1, [&](Value j) {
    Value row = at(turns, mul(j, index(8 * pairs)));
    eachTurn(op, j, [&](Value pair, Value cosine, Value sine) {
      Value to = at(row, shiftLeft(pair, 2));
      store(cosine, to, 4);
      store(sine, at(to, 4 * pairs), 4);
    });
  });
  return turns;
}

Value KernelEmitter::turnBack(kernel::AttentionOp op, Value t,
                              const Values &query) {
  int64_t pairs = *op.getPairs();
  int64_t half = op.getFrequencies().getType().getWidth();
  Value turned = reserve(8 * pairs * query.size());
  eachTurn(op, t, [&](Value pair, Value c, Value s) {
    for (auto [i, q] : llvm::enumerate(query)) {
      Value a = floatsAt(op, q, pair), b = floatsAt(op, at(q, 4 * half), pair);
      Value to = at(at(turned, 8 * pairs * int64_t(i)), shiftLeft(pair, 2));
      store(add(mul(a, c), mul(b, s)), to, 4);
      store(sub(mul(b, c), mul(a, s)), at(to, 4 * pairs), 4);
    }
  });
  return turned;
}

std::pair<Value, Value>
KernelEmitter::roundTurn(Value position, Value frequency, Value c, Value s) {
  Value zero = constant(c.getType(), 0.0);
  Value angle = mul(position, frequency);
  // What the rounded angle is more than the exact one: below 2^-5, so that two
  // terms of the series do.
  Value more = sub(zero, fma(position, frequency, sub(zero, angle)));
  Value shrink = mul(mul(more, more), constant(c.getType(), -0.5));
  return {sub(fma(shrink, c, c), mul(more, s)),
          fma(more, c, fma(shrink, s, s))};
}

KernelEmitter::Values KernelEmitter::multiplyValue(kernel::AttentionOp op,
                                                   Value value, Value position,
                                                   Value turns,
                                                   const Values &query,
                                                   Value turned) {
  int64_t dim = op.getHeadDim(), pairs = *op.getPairs(), lanes = lanesOf(op);
  int64_t half = op.getFrequencies().getType().getWidth();
  int64_t bytes = kernel::kvBytes(op.getKvFormat());
  auto scaled = [&](Value d) {
    return mul(loadKv(op.getKvFormat(), at(value, mul(d, index(bytes))), lanes),
               floatsAt(op, address(op.getKeyWeight()), d));
  };
  Value factor = broadcast(toFloat(narrow(position, i32()), f32()), lanes);
  Values sums(query.size(), constant(vector(f32(), lanes), 0.0));
  sums =
      loop(index(0), index(pairs), lanes, sums, [&](Value d, ValueRange sums) {
        Value a = scaled(d), b = scaled(add(d, index(half)));
        auto [c, s] = roundTurn(
            factor, floatsAt(op, address(op.getFrequencies()), d),
            floatsAt(op, turns, d), floatsAt(op, at(turns, 4 * pairs), d));
        Value x = sub(mul(a, c), mul(b, s)), y = add(mul(b, c), mul(a, s));
        Values next;
        for (auto [i, sum] : llvm::enumerate(sums)) {
          Value q = at(turned, 8 * pairs * int64_t(i));
          next.push_back(fma(floatsAt(op, at(q, 4 * pairs), d), y,
                             fma(floatsAt(op, q, d), x, sum)));
        }
        return next;
      });
  for (auto [from, to] : {std::pair(pairs, half), std::pair(half + pairs, dim)})
    sums = loop(index(from), index(to), lanes, sums,
                [&](Value d, ValueRange sums) {
                  Value k = scaled(d);
                  Values next;
                  for (auto [q, sum] : llvm::zip_equal(query, sums))
                    next.push_back(fma(floatsAt(op, q, d), k, sum));
                  return next;
                });
  return sums;
}

KernelEmitter::Values KernelEmitter::multiplyValues(kernel::AttentionOp op,
                                                    Value turns, Value values,
                                                    Value position, Value key,
                                                    const Values &query) {
  int64_t perKey = op.getHeadDim() * kernel::kvBytes(op.getKvFormat());
  Value first = at(values, mul(key, index(perKey))), t = add(position, key);
  Value turned = turnBack(op, t, query);
  Value scores = reserve(4 * kernel::kKeyBlock * query.size());
  auto scoresOf = [&](size_t query) {
    return at(scores, 4 * kernel::kKeyBlock * int64_t(query));
  };
  loop(index(0), index(kernel::kKeyBlock), 1, [&](Value j) {
    Values sums = multiplyValue(op, at(first, mul(j, index(perKey))), add(t, j),
                                at(turns, mul(j, index(8 * *op.getPairs()))),
                                query, turned);
    for (auto [q, vector] : llvm::enumerate(sums))
      store(sum(vector), at(scoresOf(q), shiftLeft(j, 2)), 4);
  });
  Values result;
  for (size_t q = 0; q < query.size(); ++q)
    result.push_back(load(vector(f32(), kernel::kKeyBlock), scoresOf(q), 64));
  if (op.getKvFormat() == kernel::KvFormat::Int8)
    for (Value &score : result)
      score = mul(score, scalesAt(op, values, op.getHeadDim(), key));
  return result;
}
