//===- Recurrence.cpp - What goes on from a state ---------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A slice has some columns and goes through the rows of the step in order. The
// state is read and written for every row, so that nothing is to be done where
// another sequence begins.
#include "targets/cpu/KernelEmitter.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

// Rows that share a load of a weight.
static constexpr int64_t kRowsAtOnce = 4;

Value KernelEmitter::rowAt(TypedValue<kernel::RowsType> rows, Value row) {
  Value stride = index(kernel::rowStride(rows.getType()));
  return at(address(rows), mul(row, stride));
}

void KernelEmitter::emitBlockLinear(kernel::BlockLinearOp op, Value slice) {
  kernel::TableType type = op.getWeight().getType();
  int64_t blocks = cast<kernel::FuncOp>(op->getParentOp()).getSlices();
  int64_t inner = type.getRows() / blocks, outer = type.getColumns();
  int64_t stride = kernel::tableStride(type);
  int64_t rowBytes = 4 * kernel::padded(outer), lanes = lanesFor(outer);
  Value weight = at(address(op.getWeight()), mul(slice, index(inner * stride)));
  Value first = mul(slice, index(4 * inner));
  Value column = mul(slice, index(4 * outer));
  Value tile = reserve(kRowsAtOnce * rowBytes);
  Value count = rowCount(op.getRows());
  loopBlocked(count, kRowsAtOnce, [&](Value row, int64_t n) {
    Values inputs, results;
    for (int64_t i = 0; i < n; ++i) {
      Value own = add(row, index(i));
      inputs.push_back(at(rowAt(op.getInput(), own), first));
      results.push_back(at(rowAt(op.getResult(), own), column));
    }
    loop(index(0), index(outer), kLanes, [&](Value o) {
      Values sums = loop(
          index(0), index(inner), 1, Values(n, constant(vector(f32()), 0.0)),
          [&](Value i, ValueRange carried) {
            Value w = loadTableColumns(*this, type,
                                       at(weight, mul(i, index(stride))), o);
            Values next;
            for (auto [input, sum] : llvm::zip_equal(inputs, carried)) {
              Value x = load(f32(), at(input, shiftLeft(i, 2)), 4);
              next.push_back(fma(broadcast(x), w, sum));
            }
            return next;
          });
      for (auto [i, sum] : llvm::enumerate(sums))
        store(sum, at(at(tile, shiftLeft(o, 2)), rowBytes * i), 64);
    });
    // The last vector may reach into the next block.
    for (auto [i, result] : llvm::enumerate(results))
      loop(index(0), index(4 * outer), 4 * lanes, [&](Value offset) {
        Value y =
            load(vector(f32(), lanes), at(at(tile, offset), rowBytes * i), 4);
        store(y, at(result, offset), 4);
      });
  });
  int64_t width = op.getResult().getType().getWidth();
  when(lessEqual(index(blocks - 1), slice), [&] {
    loop(index(0), count, 1,
         [&](Value row) { clearBehind(rowAt(op.getResult(), row), width); });
  });
}

void KernelEmitter::eachColumn(
    Value slice, llvm::function_ref<void(Value column, Value offset)> body) {
  Value begin = mul(slice, index(kernel::kPadding));
  loop(begin, add(begin, index(kernel::kPadding)), kLanes,
       [&](Value column) { body(column, shiftLeft(column, 2)); });
}

void KernelEmitter::eachState(
    Value pages, Value positions, Value offset,
    llvm::function_ref<void(Value row, Value state, Value isFirst)> body) {
  loop(index(0), rowCount(kernel::GridUnit::Row), 1, [&](Value row) {
    // The only entry of the sequence's page table.
    Value table = load(ptr(), at(address(pages), shiftLeft(row, 3)), 8);
    Value state = at(load(ptr(), table, 8), pointerToInteger(address(offset)));
    Value position = load(i32(), at(address(positions), shiftLeft(row, 2)), 4);
    body(row, state, lessEqual(position, constant(i32(), 0)));
  });
}

void KernelEmitter::emitCausalConv(kernel::CausalConvOp op, Value slice) {
  int64_t width = op.getInput().getType().getWidth();
  int64_t taps = op.getWeight().getType().getWidth() / width;
  int64_t stride = 4 * kernel::padded(width);
  Value zero = constant(vector(f32()), 0.0);
  eachColumn(slice, [&](Value column, Value offset) {
    Values weights(taps, zero);
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      // Padding has no weight of its own; any is right.
      Value own = minimum(add(column, index(lane)), index(width - 1));
      Value from = at(address(op.getWeight()), mul(own, index(4 * taps)));
      for (int64_t k = 0; k < taps; ++k)
        weights[k] = insert(load(f32(), at(from, 4 * k), 4), weights[k], lane);
    }
    Value bias = load(vector(f32()), at(address(op.getBias()), offset), 64);
    eachState(op.getPages(), op.getPositions(), op.getOffset(),
              [&](Value row, Value state, Value isFirst) {
                Value place = at(state, offset), sum = bias;
                Values past;
                for (int64_t k = 0; k + 1 < taps; ++k) {
                  Value x = load(vector(f32()), at(place, stride * k), 64);
                  past.push_back(select(isFirst, zero, x));
                }
                past.push_back(load(vector(f32()),
                                    at(rowAt(op.getInput(), row), offset), 64));
                for (auto [x, weight] : llvm::zip_equal(past, weights))
                  sum = fma(x, weight, sum);
                store(sum, at(rowAt(op.getResult(), row), offset), 64);
                for (int64_t k = 0; k + 1 < taps; ++k)
                  store(past[k + 1], at(place, stride * k), 64);
              });
  });
}

void KernelEmitter::emitRgLru(kernel::RgLruOp op, Value slice) {
  Value zero = constant(vector(f32()), 0.0), one = constant(vector(f32()), 1.0);
  auto sigmoid = [&](Value x) {
    return divide(one, add(one, exp(sub(zero, x))));
  };
  eachColumn(slice, [&](Value column, Value offset) {
    Value rate = mul(load(vector(f32()), at(address(op.getRate()), offset), 64),
                     constant(vector(f32()), -8.0));
    eachState(op.getPages(), op.getPositions(), op.getOffset(),
              [&](Value row, Value state, Value isFirst) {
                auto columnsOf = [&](TypedValue<kernel::RowsType> rows) {
                  return load(vector(f32()), at(rowAt(rows, row), offset), 64);
                };
                Value l = mul(sigmoid(columnsOf(op.getRecurrenceGate())), rate);
                Value gated = mul(sigmoid(columnsOf(op.getInputGate())),
                                  columnsOf(op.getInput()));
                // exp may round to more than one.
                Value left = maximum(sub(one, exp(add(l, l))), zero);
                Value place = at(state, offset);
                Value h = fma(exp(l), load(vector(f32()), place, 64),
                              mul(squareRoot(left), gated));
                h = select(isFirst, gated, h);
                store(h, place, 64);
                store(h, at(rowAt(op.getResult(), row), offset), 64);
              });
  });
}
