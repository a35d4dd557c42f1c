//===- Layouts.h - Bytes of rows, packed weights and pages ------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one place that says where an element lies. Packing writes these layouts,
// planning reserves their bytes, emitters read them; no machine has its own.
//
// A packed matrix is cut into panels of 16 rows, a panel into blocks of
// columns:
//
//   f32   block = 1 column:   [16 rows] float
//   bf16  block = 2 columns:  [16 rows][2 columns] bfloat16
//   int8  block = 64 columns: [16 quads of columns][16 rows][4 columns] uint8
//         (value + 128), then scales [2 groups][16 rows] float16: 1088 bytes
//   int4  block = 64 columns: [2 groups][4][16 rows][4] bytes, then scales
//         [2 groups][16 rows] float16: 576 bytes. Byte (g, j, row, i) holds
//         column 32g + 8j + i in its low and 32g + 8j + 4 + i in its high
//         nibble (value + 8).
//
//   planes  what int8 has, as 16 * upper + lower. First the upper plane: panels
//         as of int4, of the upper halves. Then the lower plane: for each panel
//         tiles of 128 columns, [16 rows][64 bytes], byte i with the lower half
//         of column i in its low and of column 64 + i in its high nibble; then
//         the scales [16 rows][groups] float16 once more. A row's own lines are
//         all that it takes to refine an estimate. Last for each row the
//         Euclidean norm of (lower - 8) * scale, rounded up, as float.
//
// Of a table each row stands alone:
//
//   f32, bf16  elements in order
//   int8       [columns] int8, then a float16 scale for each group
//   int4       for each group 16 bytes, byte i with column i in its low and
//              column 16 + i in its high nibble (value + 8); then the scales
//
// Each load of a panel is one 64-byte line that feeds 16 lanes, and a panel is
// one stream that a prefetcher follows. The unsigned forms suit dot-product
// instructions that multiply unsigned by signed bytes.
#ifndef LAPIDARY_DIALECTS_KERNEL_LAYOUTS_H
#define LAPIDARY_DIALECTS_KERNEL_LAYOUTS_H

#include "dialects/kernel/Kernel.h"

namespace lapidary::kernel {

/// Rows of a panel: the lanes that every tile emitter fills.
inline constexpr int64_t kPanelRows = 16;
/// Panels that one slice of a product computes.
inline constexpr int64_t kSlicePanels = 4;
inline constexpr int64_t kSliceRows = kPanelRows * kSlicePanels;
/// Rows of a packed matrix are padded to a multiple of this: two slices, so
/// that a gated product, half as wide, still ends at a padding boundary.
inline constexpr int64_t kRowPadding = 2 * kSliceRows;
/// Columns and row elements are padded to a multiple of this.
inline constexpr int64_t kPadding = 64;
/// Columns of a tile of the lower plane, and its bytes.
inline constexpr int64_t kTileColumns = 128;
inline constexpr int64_t kTileBytes = kPanelRows * kTileColumns / 2;
/// Columns that share a scale.
inline constexpr int64_t kGroup = 32;
/// Rows of activations that a product takes at once; buffers hold a multiple,
/// so that it may read behind the last row.
inline constexpr int64_t kRowsAtOnce = 8;
/// Keys that attention takes at once; pages hold a multiple.
inline constexpr int64_t kKeyBlock = 16;
/// Parts that attention cuts the pages of a sequence into.
inline constexpr int64_t kStrands = 8;
/// Bytes that a slice of `kernel.read` reads.
inline constexpr int64_t kReadBytes = 1 << 16;
/// Operations that a slice of `kernel.multiply` does.
inline constexpr int64_t kMultiplyOperations = 3 << 22;

/// Columns of logits that one slice goes through in search of the best, and the
/// most that a run asks for.
inline constexpr int64_t kBestColumns = 4096;
inline constexpr int64_t kBest = 64;
/// Rows whose best logits a run finds at once.
inline constexpr int64_t kBestRows = 8;

/// `width` rounded up to `kPadding`.
int64_t padded(int64_t width);

/// Bytes from one row to the next; a multiple of 64 except for `dense`.
int64_t rowStride(RowsType type);
/// Byte offset of the scales, and of the sums, in a `q8` row.
int64_t rowScales(int64_t width);
int64_t rowSums(int64_t width);

/// Columns of a block of `format`, and bytes of a block.
int64_t blockColumns(WeightFormat format);
int64_t blockBytes(WeightFormat format);
/// Panels of one matrix of a stack; bytes of a panel, of one matrix, of all.
int64_t panelCount(WeightType type);
int64_t panelBytes(WeightType type);
int64_t matrixBytes(WeightType type);
int64_t weightBytes(WeightType type);
int64_t vectorBytes(VectorType type);
/// Bytes from one row of a table to the next, a multiple of 64; where the
/// scales of a row begin.
int64_t tableStride(TableType type);
int64_t tableScales(TableType type);
/// Of a matrix in planes: groups of a row, tiles of a panel, bytes of a panel
/// in the lower plane, where that plane and where the norms begin. `panelBytes`
/// are those of the upper plane.
int64_t groupCount(WeightType type);
int64_t lowerTiles(WeightType type);
int64_t lowerPanelBytes(WeightType type);
int64_t lowerPlane(WeightType type);
int64_t rowNorms(WeightType type);
/// Bytes of a packed matrix, table or vector.
int64_t packedBytes(mlir::Type type);

/// Where the rows of a routing begin, and bytes from one to the next.
int64_t routingHeader(RoutingType type);
int64_t routingStride(RoutingType type);
/// Bytes of a routing or of rows, of `rows` rows and what makes them a multiple
/// of `kRowsAtOnce`.
int64_t bufferBytes(mlir::Type type, int64_t rows);

/// Bytes of a key or value element.
int64_t kvBytes(KvFormat format);
/// Bytes of a head's keys in a page, [tokens / 16][head_dim][16]; those of int8
/// are [tokens / 16][head_dim / 4][16][4] (value + 128), then a float32 scale
/// for each position.
int64_t keyPageBytes(int64_t headDim, int64_t pageTokens, KvFormat format);
/// Bytes of a head's values in a page, [tokens][head_dim]; behind those of int8
/// are scales likewise.
int64_t valuePageBytes(int64_t headDim, int64_t pageTokens, KvFormat format);
/// Bytes that one layer takes of a page: for each head its keys unless there
/// are values only, then for each head its values.
int64_t layerPageBytes(int64_t heads, int64_t headDim, int64_t pageTokens,
                       KvFormat format, bool valuesOnly);

} // namespace lapidary::kernel

#endif // LAPIDARY_DIALECTS_KERNEL_LAYOUTS_H
