//===- Matmul.cpp - Products: rows, slices, epilogues -----------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "targets/cpu/KernelEmitter.h"

#include <limits>

using namespace mlir;
using namespace lapidary;
using namespace lapidary::cpu;

void KernelEmitter::emitMatmul(kernel::MatmulOp op, Value slice) {
  kernel::RowsType input = op.getInput().getType();
  kernel::WeightType weight = op.getWeight().getType();
  Value matrix = address(op.getWeight());
  Value begin = index(0), end;
  if (Value routing = op.getRouting()) {
    int64_t slices = cast<kernel::FuncOp>(op->getParentOp()).getSlices();
    int64_t perExpert = slices / weight.getStack();
    Value expert = quotient(slice, perExpert);
    slice = remainder(slice, perExpert);
    matrix = at(matrix, mul(expert, index(kernel::matrixBytes(weight))));
    Value starts = at(address(routing), shiftLeft(expert, 2));
    begin = signExtend(load(i32(), starts, 4), i64());
    end = signExtend(load(i32(), at(starts, 4), 4), i64());
  } else {
    end = rowCount(op.getRows());
  }
  Value panels =
      at(matrix,
         mul(slice, index(kernel::kSlicePanels * kernel::panelBytes(weight))));
  Value lower;
  if (weight.getFormat() == kernel::WeightFormat::Planes && !op.getUpper())
    lower = at(at(matrix, kernel::lowerPlane(weight)),
               mul(slice, index(kernel::kSlicePanels *
                                kernel::lowerPanelBytes(weight))));
  Value wanted = op.getAmong() ? wantedColumns(op, slice) : Value();
  int64_t tileRows = tiles.tileRows();
  Value tile = reserve(4 * tileRows * kernel::kSliceRows +
                       tiles.workBytes(weight.getFormat()));
  loop(begin, end, tileRows, [&](Value first) {
    Value rows =
        at(address(op.getInput()), mul(first, index(kernel::rowStride(input))));
    Value left = minimum(sub(end, first), index(tileRows));
    tiles.emitSlice(*this, weight, input, rows, left, panels, tile, wanted);
    if (lower)
      tiles.addLowerSlice(*this, weight, input, rows, left, panels, lower,
                          tile);
    // A loop of its own: more rows of it are on their way at a time.
    if (op.getSoftcap() || op.getEpilogue() == kernel::Epilogue::GeluMul)
      loop(index(0), left, 1,
           [&](Value row) { finishProducts(op, at(tile, shiftLeft(row, 8))); });
    loop(index(0), left, 1, [&](Value row) {
      storeProducts(op, slice, at(tile, shiftLeft(row, 8)), add(first, row));
    });
  });
}

Value KernelEmitter::amongAt(kernel::MatmulOp op, Value slice, Value row) {
  int64_t stride = kernel::rowStride(op.getAmong().getType());
  Value bits = at(address(op.getAmong()), mul(row, index(stride)));
  return at(bits, mul(slice, index(kernel::kSliceRows / 8)));
}

Value KernelEmitter::wantedColumns(kernel::MatmulOp op, Value slice) {
  return loop(index(0), rowCount(op.getRows()), 1, index(0),
              [&](Value row, ValueRange carried) -> Values {
                Value bits = load(i64(), amongAt(op, slice, row), 8);
                return {bitOr(carried[0], bits)};
              })[0];
}

void KernelEmitter::finishProducts(kernel::MatmulOp op, Value tile) {
  Values products;
  for (int64_t panel = 0; panel < kernel::kSlicePanels; ++panel) {
    Value y = load(vector(f32()), at(tile, 4 * kLanes * panel), 64);
    if (auto cap = op.getSoftcap())
      y = softcap(y, cap->convertToFloat());
    products.push_back(y);
  }
  if (op.getEpilogue() == kernel::Epilogue::GeluMul) {
    SmallVector<int64_t> even, odd;
    for (int64_t i = 0; i < kLanes; ++i) {
      even.push_back(2 * i);
      odd.push_back(2 * i + 1);
    }
    Values gated;
    for (int64_t i = 0; i < kernel::kSlicePanels; i += 2) {
      Value gate = shuffle(products[i], products[i + 1], even);
      Value up = shuffle(products[i], products[i + 1], odd);
      gated.push_back(mul(gelu(gate), up));
    }
    products = gated;
  }
  for (auto [i, y] : llvm::enumerate(products))
    store(y, at(tile, 4 * kLanes * int64_t(i)), 64);
}

void KernelEmitter::storeProducts(kernel::MatmulOp op, Value slice, Value tile,
                                  Value row) {
  kernel::RowsType type = op.getResult().getType();
  int64_t columns = kernel::kSliceRows;
  if (op.getEpilogue() == kernel::Epilogue::GeluMul)
    columns /= 2;
  Values products;
  for (int64_t column = 0; column < columns; column += kLanes) {
    Value y = load(vector(f32()), at(tile, 4 * column), 64);
    if (op.getAmong()) {
      Value bits = at(amongAt(op, slice, row), column / 8);
      Value isWanted =
          bitcast(load(vector(i16(), 1), bits, 2), vector(builder.getI1Type()));
      Value none =
          constant(y.getType(), std::numeric_limits<float>::quiet_NaN());
      y = select(isWanted, y, none);
    }
    products.push_back(y);
  }
  Value out =
      at(address(op.getResult()), mul(row, index(kernel::rowStride(type))));
  storeColumns(type, out, mul(slice, index(columns)), products);
}
