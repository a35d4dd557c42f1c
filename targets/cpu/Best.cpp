//===- Best.cpp - The best logits of a row ----------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keys (see !kernel.rows) are compared as integers: their order is total, so
// that neither threads nor the order of stretches change what is found. A list
// is the 64 greatest keys so far, in descending order.
#include "targets/cpu/KernelEmitter.h"

#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

// No logit, and what is above all keys.
static constexpr double kAbsent = -0x1p63, kAbove = 0x1.ffp62;
static constexpr int64_t kKeyBytes = sizeof(int64_t);
// Bytes before a list; the last of them are a key above all.
static constexpr int64_t kListMargin = 64;
static constexpr double kInfinity = std::numeric_limits<float>::infinity();

Value KernelEmitter::bestCount() {
  // Behind {rows, blocks, wanted}.
  return load(i64(), at(sizes, 24), 8);
}

/// Bits of a float, in an order of integers or back: a negative one's are
/// inverted but for the sign.
static Value reorder(Emitter &emit, Value bits) {
  Value sign = emit.shiftRightSigned(bits, 31);
  return emit.bitXor(
      bits, emit.bitAnd(sign, emit.constant(bits.getType(), 0x7fffffff)));
}

/// Keys of 16 logits; those that are no numbers have none.
static Value makeKeys(Emitter &emit, Value logits, Value columns) {
  // -0 becomes 0.
  Value numbers = emit.add(logits, emit.constant(logits.getType(), 0.0));
  Value order = reorder(emit, emit.bitcast(numbers, columns.getType()));
  Value upper = emit.shiftLeft(emit.signExtend(order, emit.i64()), 32);
  Value last = emit.constant(columns.getType(), 0x7fffffff);
  Value lower = emit.signExtend(emit.sub(last, columns), emit.i64());
  Value keys = emit.bitOr(upper, lower);
  return emit.select(emit.lessEqual(logits, logits), keys,
                     emit.constant(keys.getType(), kAbsent));
}

/// The logit of `key`, or where there is none one below all.
static Value logitOf(Emitter &emit, Value key) {
  Value order = emit.narrow(emit.shiftRightSigned(key, 32), emit.i32());
  Value logit = emit.bitcast(reorder(emit, order), emit.f32());
  return emit.select(emit.lessEqual(key, emit.constant(emit.i64(), kAbsent)),
                     emit.constant(emit.f32(), -kInfinity), logit);
}

/// Columns from `first` on.
static Value columnsFrom(Emitter &emit, Value first) {
  return emit.add(emit.broadcast(emit.narrow(first, emit.i32())),
                  emit.iota(emit.i32()));
}

Emitter::Values KernelEmitter::eachLogits(
    kernel::RowsType type, Value row, Value part, ValueRange carried,
    llvm::function_ref<Values(Value, Value, ValueRange)> body) {
  int64_t width = type.getWidth();
  Value first = mul(part, index(kernel::kBestColumns));
  Value end = minimum(add(first, index(kernel::kBestColumns)),
                      index(llvm::alignTo(width, kLanes)));
  return loop(
      first, end, kLanes, carried, [&](Value column, ValueRange values) {
        Value logits = load(vector(f32()), at(row, shiftLeft(column, 2)), 64);
        if (width % kLanes) {
          Value columns = columnsFrom(*this, column);
          Value inside = less(columns, constant(columns.getType(), width));
          Value none = constant(logits.getType(),
                                std::numeric_limits<float>::quiet_NaN());
          logits = select(inside, logits, none);
        }
        return body(column, logits, values);
      });
}

void KernelEmitter::emitPeaks(kernel::PeaksOp op, Value slice) {
  kernel::RowsType type = op.getLogits().getType();
  kernel::RowsType resultType = op.getResult().getType();
  int64_t slices = resultType.getWidth() / kLanes;
  Value unit = quotient(slice, slices), part = remainder(slice, slices);
  Value row =
      at(address(op.getLogits()), mul(unit, index(kernel::rowStride(type))));
  Value nowhere = constant(vector(i32()), -1);
  Values best = eachLogits(
      type, row, part, {constant(vector(f32()), -kInfinity), nowhere},
      [&](Value column, Value logits, ValueRange carried) -> Values {
        Value isBetter = lessEqual(carried[0], logits);
        return {select(isBetter, logits, carried[0]),
                select(isBetter, columnsFrom(*this, column), carried[1])};
      });
  if (op.getWeight())
    best[0] = refinePeaks(op, unit, row, best[0], best[1]);
  Value keys = makeKeys(*this, best[0], best[1]);
  keys = select(lessEqual(best[1], nowhere), constant(keys.getType(), kAbsent),
                keys);
  Value out = at(address(op.getResult()),
                 mul(unit, index(kernel::rowStride(resultType))));
  store(keys, at(out, mul(part, index(kLanes * kKeyBytes))), 64);
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

/// A list without logits.
static Value makeList(Emitter &emit, Value place) {
  Value list = emit.at(place, kListMargin);
  emit.store(emit.constant(emit.i64(), kAbove), emit.at(list, -kKeyBytes), 8);
  Value none = emit.constant(emit.vector(emit.i64()), kAbsent);
  for (int64_t i = 0; i < kernel::kBest; i += kLanes)
    emit.store(none, emit.at(list, i * kKeyBytes), 64);
  return list;
}

/// Adds `key` and drops the last one.
static void insertKey(Emitter &emit, Value list, Value key) {
  Type keys = emit.vector(emit.i64());
  Value added = emit.broadcast(key);
  // From the end, since what is before moves here.
  for (int64_t i = kernel::kBest - kLanes; i >= 0; i -= kLanes) {
    Value place = emit.at(list, i * kKeyBytes);
    Value before = emit.load(keys, emit.at(place, -kKeyBytes), 8);
    Value here = emit.load(keys, place, 64);
    emit.store(emit.maximum(here, emit.minimum(before, added)), place, 64);
  }
}

static void storeList(Emitter &emit, Value list, Value out) {
  for (int64_t i = 0; i < kernel::kBest; i += kLanes)
    emit.store(
        emit.load(emit.vector(emit.i64()), emit.at(list, i * kKeyBytes), 64),
        emit.at(out, i * kKeyBytes), 64);
}

void KernelEmitter::insertKeys(Value list, Value keys) {
  Value last = at(at(list, shiftLeft(bestCount(), 3)), -kKeyBytes);
  auto isWanted = [&](Value key) {
    Value least = load(i64(), last, 8);
    return less(isa<VectorType>(key.getType()) ? broadcast(least) : least, key);
  };
  when(isAny(isWanted(keys)), [&] {
    Value place = reserve(kLanes * kKeyBytes);
    store(keys, place, 64);
    loop(index(0), index(kLanes * kKeyBytes), kKeyBytes, [&](Value offset) {
      Value key = load(i64(), at(place, offset), 8);
      when(isWanted(key), [&] { insertKey(*this, list, key); });
    });
  });
}

void KernelEmitter::emitBest(kernel::BestOp op, Value row) {
  auto rowAt = [&](TypedValue<kernel::RowsType> rows) {
    return at(address(rows),
              mul(row, index(kernel::rowStride(rows.getType()))));
  };
  Value input = rowAt(op.getInput());
  Value list =
      makeList(*this, reserve(kListMargin + kernel::kBest * kKeyBytes));
  int64_t bytes = op.getInput().getType().getWidth() * kKeyBytes;
  loop(index(0), index(bytes), kLanes * kKeyBytes, [&](Value offset) {
    insertKeys(list, load(vector(i64()), at(input, offset), 64));
  });
  storeList(*this, list, rowAt(op.getResult()));
}

void KernelEmitter::emitContenders(kernel::ContendersOp op, Value slice) {
  kernel::RowsType type = op.getLogits().getType();
  kernel::RowsType resultType = op.getResult().getType();
  int64_t slices = resultType.getWidth() / kernel::kBest;
  Value unit = quotient(slice, slices), part = remainder(slice, slices);
  auto rowAt = [&](TypedValue<kernel::RowsType> rows) {
    return at(address(rows),
              mul(unit, index(kernel::rowStride(rows.getType()))));
  };
  Value list =
      makeList(*this, reserve(kListMargin + kernel::kBest * kKeyBytes));
  Value thresholds = rowAt(op.getThreshold());
  Value last = at(at(thresholds, shiftLeft(bestCount(), 3)), -kKeyBytes);
  Value least = broadcast(logitOf(*this, load(i64(), last, 8)));
  Value row = rowAt(op.getLogits());
  if (op.getWeight())
    refineContenders(op, unit, part, row, least, list);
  else
    eachLogits(type, row, part, {},
               [&](Value column, Value logits, ValueRange) -> Values {
                 when(isAny(lessEqual(least, logits)), [&] {
                   insertKeys(list, makeKeys(*this, logits,
                                             columnsFrom(*this, column)));
                 });
                 return {};
               });
  storeList(
      *this, list,
      at(rowAt(op.getResult()), mul(part, index(kernel::kBest * kKeyBytes))));
}

//===----------------------------------------------------------------------===//
// Estimates
//===----------------------------------------------------------------------===//

// How far softcaps may be wrong, of the cap, and then some.
static constexpr double kSoftcapError = 1e-6;
// Rows ahead of the one that is refined whose lines are fetched.
static constexpr int64_t kRowsAhead = 6;

Value KernelEmitter::refinePeaks(kernel::PeaksOp op, Value unit, Value row,
                                 Value estimates, Value columns) {
  Refiner refiner = makeRefiner(op.getWeight(), op.getRows(), unit);
  Value logits = reserve(4 * kLanes), rows = reserve(4 * kLanes);
  store(estimates, logits, 64);
  // Where a lane has found nothing any row will do.
  store(maximum(columns, constant(columns.getType(), 0)), rows, 64);
  auto columnAt = [&](Value offset) {
    return signExtend(load(i32(), at(rows, offset), 4), i64());
  };
  loop(index(0), index(4 * kLanes), 4,
       [&](Value offset) { prefetchRow(refiner, columnAt(offset)); });
  loop(index(0), index(4 * kLanes), 4, [&](Value offset) {
    Value column = columnAt(offset);
    Value place = at(logits, offset);
    store(refine(refiner, column, load(f32(), place, 4)), place, 4);
  });
  Value refined = load(vector(f32()), logits, 64);
  if (auto cap = op.getSoftcap())
    refined = softcap(refined, cap->convertToFloat());
  return refined;
}

void KernelEmitter::refineContenders(kernel::ContendersOp op, Value unit,
                                     Value part, Value row, Value least,
                                     Value list) {
  Refiner refiner = makeRefiner(op.getWeight(), op.getRows(), unit);
  std::optional<float> cap;
  if (op.getSoftcap())
    cap = op.getSoftcap()->convertToFloat();
  kernel::RowsType type = op.getLogits().getType();
  Value found = reserve(4 * (kernel::kBestColumns + kLanes));
  Value truths = reserve(4 * kLanes);
  Value none = constant(vector(i32()), 0), one = constant(vector(i32()), 1);
  // Which bounds, numbers all, are below what must be reached.
  auto isBelow = [&](Value bounds, Value least) {
    if (!cap)
      return less(bounds, least);
    Value isNumber = lessEqual(bounds, bounds);
    bounds = select(isNumber, bounds, constant(bounds.getType(), 0));
    Value capped = add(softcap(bounds, *cap),
                       constant(bounds.getType(), kSoftcapError * *cap));
    return bitAnd(isNumber, less(capped, least));
  };
  Values count = eachLogits(
      type, row, part, index(0),
      [&](Value column, Value estimates, ValueRange carried) -> Values {
        Value hopes = select(
            isBelow(upperBounds(refiner, estimates, column), least), none, one);
        // What the upper plane makes no number the lower one makes none either.
        hopes = select(lessEqual(estimates, estimates), hopes, none);
        store(hopes, truths, 64);
        Value end = select(isAny(less(none, hopes)), index(kLanes), index(0));
        return loop(index(0), end, 1, carried[0],
                    [&](Value lane, ValueRange at16) -> Values {
                      Value hope =
                          load(i32(), at(truths, shiftLeft(lane, 2)), 4);
                      store(narrow(add(column, lane), i32()),
                            at(found, shiftLeft(at16[0], 2)), 4);
                      return {add(at16[0], signExtend(hope, i64()))};
                    });
      });
  auto columnAt = [&](Value i) {
    return signExtend(load(i32(), at(found, shiftLeft(i, 2)), 4), i64());
  };
  Value last = sub(count[0], index(1));
  loop(index(0), count[0], 1, [&](Value i) {
    prefetchRow(refiner, columnAt(minimum(add(i, index(kRowsAhead)), last)));
    Value column = columnAt(i);
    Value estimate = load(f32(), at(row, shiftLeft(column, 2)), 4);
    Value logit = refine(refiner, column, estimate);
    if (cap)
      logit = lane(softcap(broadcast(logit), *cap), 0);
    Value key = makeKeys(*this, logit, narrow(column, i32()));
    Value lastKey = at(at(list, shiftLeft(bestCount(), 3)), -kKeyBytes);
    when(less(load(i64(), lastKey, 8), key),
         [&] { insertKey(*this, list, key); });
  });
}
