//===- Layouts.cpp - Bytes of rows, packed weights and pages ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/kernel/Layouts.h"

#include "llvm/Support/MathExtras.h"

using namespace lapidary;
using namespace lapidary::kernel;

int64_t kernel::padded(int64_t width) { return llvm::alignTo(width, kPadding); }

int64_t kernel::rowScales(int64_t width) { return padded(width); }

int64_t kernel::rowSums(int64_t width) {
  return rowScales(width) + padded(width) / kGroup * sizeof(float);
}

int64_t kernel::rowStride(RowsType type) {
  int64_t width = padded(type.getWidth());
  switch (type.getFormat()) {
  case RowFormat::F32:
    return width * sizeof(float);
  case RowFormat::BF16:
    return width * 2;
  case RowFormat::Q8:
    return llvm::alignTo(
        rowSums(type.getWidth()) + width / kGroup * sizeof(int32_t), 64);
  case RowFormat::Dense:
    return type.getWidth() * sizeof(float);
  case RowFormat::Keys:
    return width * sizeof(int64_t);
  case RowFormat::Bits:
    return width / 8;
  }
  llvm_unreachable("all formats are handled");
}

int64_t kernel::blockColumns(WeightFormat format) {
  switch (format) {
  case WeightFormat::F32:
    return 1;
  case WeightFormat::BF16:
    return 2;
  case WeightFormat::Int8:
  case WeightFormat::Int4:
  case WeightFormat::Planes:
    return 64;
  }
  llvm_unreachable("all formats are handled");
}

int64_t kernel::blockBytes(WeightFormat format) {
  switch (format) {
  case WeightFormat::F32:
  case WeightFormat::BF16:
    return 64;
  case WeightFormat::Int8:
    return 1024 + 64;
  case WeightFormat::Int4:
  case WeightFormat::Planes:
    return 512 + 64;
  }
  llvm_unreachable("all formats are handled");
}

int64_t kernel::panelBytes(WeightType type) {
  return padded(type.getOf() ? type.getOf() : type.getColumns()) /
         blockColumns(type.getFormat()) * blockBytes(type.getFormat());
}

int64_t kernel::panelCount(WeightType type) {
  return llvm::alignTo(type.getRows(), kRowPadding) / kPanelRows;
}

int64_t kernel::groupCount(WeightType type) {
  return padded(type.getColumns()) / kGroup;
}

int64_t kernel::lowerTiles(WeightType type) {
  return llvm::divideCeil(type.getColumns(), kTileColumns);
}

int64_t kernel::lowerPanelBytes(WeightType type) {
  return lowerTiles(type) * kTileBytes + kPanelRows * groupCount(type) * 2;
}

int64_t kernel::lowerPlane(WeightType type) {
  return panelCount(type) * panelBytes(type);
}

int64_t kernel::rowNorms(WeightType type) {
  return lowerPlane(type) + panelCount(type) * lowerPanelBytes(type);
}

int64_t kernel::matrixBytes(WeightType type) {
  if (type.getFormat() == WeightFormat::Planes)
    return rowNorms(type) + panelCount(type) * kPanelRows * sizeof(float);
  return panelCount(type) * panelBytes(type);
}

int64_t kernel::weightBytes(WeightType type) {
  return type.getStack() * matrixBytes(type);
}

int64_t kernel::routingHeader(RoutingType type) {
  return llvm::alignTo((type.getExperts() + 1) * sizeof(int32_t), 64);
}

int64_t kernel::routingStride(RoutingType type) {
  return type.getTop() * (sizeof(int32_t) + sizeof(float));
}

int64_t kernel::bufferBytes(mlir::Type type, int64_t rows) {
  if (auto routing = mlir::dyn_cast<RoutingType>(type))
    return routingHeader(routing) + rows * routingStride(routing);
  return llvm::alignTo(rows, kRowsAtOnce) *
         rowStride(mlir::cast<RowsType>(type));
}

int64_t kernel::tableScales(TableType type) {
  int64_t width = padded(type.getColumns());
  switch (type.getFormat()) {
  case WeightFormat::F32:
    return width * sizeof(float);
  case WeightFormat::BF16:
    return width * 2;
  case WeightFormat::Int8:
    return width;
  case WeightFormat::Int4:
    return width / 2;
  case WeightFormat::Planes:
    break;
  }
  llvm_unreachable("all formats are handled");
}

int64_t kernel::tableStride(TableType type) {
  bool scaled = type.getFormat() == WeightFormat::Int8 ||
                type.getFormat() == WeightFormat::Int4;
  int64_t scales = scaled ? padded(type.getColumns()) / kGroup * 2 : 0;
  return llvm::alignTo(tableScales(type) + scales, 64);
}

int64_t kernel::packedBytes(mlir::Type type) {
  if (auto weight = mlir::dyn_cast<WeightType>(type))
    return weightBytes(weight);
  if (auto table = mlir::dyn_cast<TableType>(type))
    return table.getRows() * tableStride(table);
  return vectorBytes(mlir::cast<VectorType>(type));
}

int64_t kernel::vectorBytes(VectorType type) {
  return padded(type.getWidth()) * sizeof(float);
}

int64_t kernel::kvBytes(KvFormat format) {
  switch (format) {
  case KvFormat::F32:
    return 4;
  case KvFormat::BF16:
    return 2;
  case KvFormat::Int8:
    return 1;
  }
  llvm_unreachable("all formats are handled");
}

/// Bytes of `columns` elements for each position of a page, with their scales.
static int64_t pageBytes(int64_t columns, int64_t pageTokens, KvFormat format) {
  int64_t scale = format == KvFormat::Int8 ? sizeof(float) : 0;
  return llvm::alignTo(pageTokens * (columns * kvBytes(format) + scale), 64);
}

int64_t kernel::keyPageBytes(int64_t headDim, int64_t pageTokens,
                             KvFormat format) {
  if (format == KvFormat::Int8)
    headDim = llvm::alignTo(headDim, 4);
  return pageBytes(headDim, pageTokens, format);
}

int64_t kernel::valuePageBytes(int64_t headDim, int64_t pageTokens,
                               KvFormat format) {
  return pageBytes(headDim, pageTokens, format);
}

int64_t kernel::layerPageBytes(int64_t heads, int64_t headDim,
                               int64_t pageTokens, KvFormat format,
                               bool valuesOnly) {
  int64_t keys = valuesOnly ? 0 : keyPageBytes(headDim, pageTokens, format);
  return heads * (keys + valuePageBytes(headDim, pageTokens, format));
}
