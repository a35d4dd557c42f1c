//===- Experts.cpp - Rows to experts and back -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows are gathered expert by expert, so that a product reads the weights of an
// expert once for all rows that chose it, and not at all if none did.
#include "targets/cpu/KernelEmitter.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

// Above every score, and finite.
static constexpr double kLarge = 3.0e38;

Value KernelEmitter::choicesOf(TypedValue<kernel::RoutingType> routing,
                               Value row) {
  kernel::RoutingType type = routing.getType();
  return at(at(address(routing), kernel::routingHeader(type)),
            mul(row, index(kernel::routingStride(type))));
}

void KernelEmitter::emitRoute(kernel::RouteOp op, Value unit) {
  kernel::RoutingType type = op.getRouting().getType();
  int64_t experts = type.getExperts(), top = type.getTop();
  // A copy, in which what is chosen is struck out.
  Value scores = reserve(4 * kernel::padded(experts));
  eachVector(experts, [&](Value offset) {
    store(vectorOf(op.getScores(), offset), at(scores, offset), 64);
  });
  Value choices = choicesOf(op.getRouting(), unit);
  Value shares = at(choices, 4 * top);
  Value best, total = constant(f32(), 0.0);
  for (int64_t choice = 0; choice < top; ++choice) {
    // The first of the greatest.
    Values chosen =
        loop(index(1), index(experts), 1, {index(0), load(f32(), scores, 4)},
             [&](Value expert, ValueRange carried) -> Values {
               Value score = load(f32(), at(scores, shiftLeft(expert, 2)), 4);
               Value keep = lessEqual(score, carried[1]);
               return {select(keep, carried[0], expert),
                       select(keep, carried[1], score)};
             });
    Value offset = shiftLeft(chosen[0], 2);
    store(constant(f32(), -kLarge), at(scores, offset), 4);
    if (!best)
      best = chosen[1];
    Value weight = lane(exp(broadcast(sub(chosen[1], best))), 0);
    total = add(total, weight);
    Value scale = load(f32(), at(address(op.getScales()), offset), 4);
    store(narrow(chosen[0], i32()), at(choices, 4 * choice), 4);
    store(mul(weight, scale), at(shares, 4 * choice), 4);
  }
  for (int64_t choice = 0; choice < top; ++choice) {
    Value place = at(shares, 4 * choice);
    store(divide(load(f32(), place, 4), total), place, 4);
  }
}

void KernelEmitter::emitGroup(kernel::GroupOp op) {
  kernel::RoutingType type = op.getRouting().getType();
  int64_t experts = type.getExperts(), top = type.getTop();
  Value starts = address(op.getRouting());
  Value rows = rowCount(op.getRows());
  Value one = constant(i32(), 1), zero = constant(i32(), 0);
  // Where the next row of each expert goes.
  Value next = reserve(4 * experts);
  auto expertOf = [&](Value place) {
    return shiftLeft(signExtend(load(i32(), place, 4), i64()), 2);
  };
  auto eachChoice = [&](llvm::function_ref<void(Value place)> body) {
    loop(index(0), rows, 1, [&](Value row) {
      Value choices = choicesOf(op.getRouting(), row);
      loop(index(0), index(4 * top), 4,
           [&](Value offset) { body(at(choices, offset)); });
    });
  };
  loop(index(0), index(4 * experts), 4,
       [&](Value offset) { store(zero, at(next, offset), 4); });
  eachChoice([&](Value place) {
    Value counter = at(next, expertOf(place));
    store(add(load(i32(), counter, 4), one), counter, 4);
  });
  Values end = loop(index(0), index(4 * experts), 4, zero,
                    [&](Value offset, ValueRange carried) -> Values {
                      Value counter = at(next, offset);
                      Value count = load(i32(), counter, 4);
                      store(carried[0], counter, 4);
                      store(carried[0], at(starts, offset), 4);
                      return {add(carried[0], count)};
                    });
  store(end[0], at(starts, 4 * experts), 4);
  eachChoice([&](Value place) {
    Value counter = at(next, expertOf(place));
    Value slot = load(i32(), counter, 4);
    store(slot, place, 4);
    store(add(slot, one), counter, 4);
  });
}

void KernelEmitter::emitScatter(kernel::ScatterOp op, Value unit) {
  kernel::RowsType type = op.getRows().getType();
  int64_t stride = kernel::rowStride(type);
  int64_t top = op.getRouting().getType().getTop();
  Value choices = choicesOf(op.getRouting(), unit);
  auto placeOf = [&](Value choice) {
    Value slot =
        signExtend(load(i32(), at(choices, shiftLeft(choice, 2)), 4), i64());
    return at(address(op.getRows()), mul(slot, index(stride)));
  };
  Value first = placeOf(index(0));
  storeRow(op.getRow(), type, first);
  loop(index(1), index(top), 1, [&](Value choice) {
    Value place = placeOf(choice);
    loop(index(0), index(stride), 64, [&](Value offset) {
      Type line = vector(i8(), 64);
      store(load(line, at(first, offset), 64), at(place, offset), 64);
    });
  });
}

void KernelEmitter::emitCombine(kernel::CombineOp op, Value unit) {
  int64_t stride = kernel::rowStride(op.getRows().getType());
  int64_t top = op.getRouting().getType().getTop();
  Value choices = choicesOf(op.getRouting(), unit);
  Values places, shares;
  for (int64_t choice = 0; choice < top; ++choice) {
    Value slot = signExtend(load(i32(), at(choices, 4 * choice), 4), i64());
    places.push_back(at(address(op.getRows()), mul(slot, index(stride))));
    shares.push_back(
        broadcast(load(f32(), at(choices, 4 * (top + choice)), 4)));
  }
  defineRow(op.getResult(), [=, this](Value offset) {
    Value total = constant(vector(f32()), 0.0);
    for (auto [place, share] : llvm::zip_equal(places, shares))
      total = fma(share, load(vector(f32()), at(place, offset), 64), total);
    return total;
  });
}

Value KernelEmitter::expertOf(TypedValue<kernel::RoutingType> routing,
                              Value slot) {
  int64_t experts = routing.getType().getExperts();
  Value starts = address(routing);
  Values range = {index(0), index(experts)};
  for (int64_t step = 0; step < llvm::Log2_64_Ceil(experts); ++step) {
    Value middle = shiftRight(add(range[0], range[1]), 1);
    Value start =
        signExtend(load(i32(), at(starts, shiftLeft(middle, 2)), 4), i64());
    Value isBehind = lessEqual(start, slot);
    range = {select(isBehind, middle, range[0]),
             select(isBehind, range[1], middle)};
  }
  return range[0];
}

void KernelEmitter::emitSpread(kernel::SpreadOp op, Value unit) {
  kernel::RowsType type = op.getRows().getType();
  int64_t stride = kernel::rowStride(type), bytes = 4 * type.getWidth();
  int64_t width = op.getType().getWidth();
  int64_t top = op.getRouting().getType().getTop();
  Value choices = choicesOf(op.getRouting(), unit);
  auto eachNumber = [&](Value carried, auto body) {
    return loop(
        index(0), index(top), 1, carried,
        [&](Value choice, ValueRange outer) -> Values {
          Value slot = signExtend(
              load(i32(), at(choices, shiftLeft(choice, 2)), 4), i64());
          Value row = at(address(op.getRows()), mul(slot, index(stride)));
          Value first = mul(expertOf(op.getRouting(), slot), index(bytes));
          return loop(index(0), index(bytes), 4, outer,
                      [&](Value offset, ValueRange inner) -> Values {
                        Value number = load(f32(), at(row, offset), 4);
                        return {body(number, add(first, offset), inner[0])};
                      });
        })[0];
  };
  Value least = eachNumber(constant(f32(), kLarge),
                           [&](Value number, Value, Value carried) {
                             return minimum(number, carried);
                           });
  Value out = reserve(4 * kernel::padded(width));
  Value others = broadcast(sub(least, constant(f32(), 1.0)));
  eachVector(width, [&](Value offset) { store(others, at(out, offset), 64); });
  clearBehind(out, width);
  eachNumber(least, [&](Value number, Value place, Value carried) {
    Value token =
        toInteger(load(f32(), at(address(op.getOrder()), place), 4), i64());
    store(number, at(out, shiftLeft(token, 2)), 4);
    return carried;
  });
  defineRow(op.getResult(), out);
}
