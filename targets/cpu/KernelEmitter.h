//===- KernelEmitter.h - Expands kernel ops to loops ------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One function for each operation of the kernel dialect; the code of an
// operation is in the file of its name. Everything is written for all machines;
// what differs is asked of a TileEmitter.
#ifndef LAPIDARY_TARGETS_CPU_KERNELEMITTER_H
#define LAPIDARY_TARGETS_CPU_KERNELEMITTER_H

#include "targets/cpu/TileEmitter.h"

#include "mlir/IR/IRMapping.h"

#include <functional>

namespace lapidary::cpu {

class KernelEmitter : public Emitter {
public:
  /// `operands`, `sizes`, `scratch` are the arguments of the kernel's function.
  KernelEmitter(mlir::OpBuilder &builder, mlir::Location location,
                const TileEmitter &tiles, mlir::Value operands,
                mlir::Value sizes, mlir::Value scratch)
      : Emitter(builder, location), tiles(tiles), operands(operands),
        sizes(sizes), scratch(scratch) {}

  /// Emits the loop over slices [begin, end) of `func`.
  void emit(kernel::FuncOp func, Value begin, Value end);

  /// Bytes of scratch that the code emitted so far uses.
  int64_t scratchBytes() const { return scratchUsed; }

private:
  /// A place in this thread's scratch memory, 64-byte aligned.
  Value reserve(int64_t bytes);
  /// Where the kernel's argument lies.
  Value address(mlir::Value argument) { return values.lookup(argument); }
  /// Rows that a grid or a product counts.
  Value rowCount(kernel::GridUnit unit);

  // RowKernels.cpp
  void emitLoad(kernel::LoadOp op, Value unit);
  void emitMean(kernel::MeanOp op, Value unit);
  void emitEmbed(kernel::EmbedOp op, Value unit);
  void emitSubstitute(kernel::SubstituteOp op, Value unit);
  void emitRmsNorm(kernel::RmsNormOp op);
  void emitScaleBy(kernel::ScaleByOp op);
  void emitBias(kernel::BiasOp op);
  void emitGaussianTopK(kernel::GaussianTopKOp op);
  void emitL2Norm(kernel::L2NormOp op);
  void emitMatchRms(kernel::MatchRmsOp op);
  void emitWeightedSum(kernel::WeightedSumOp op);
  /// Operations that take a column to a column.
  void emitMap(mlir::Operation *op);
  void emitStore(kernel::StoreOp op, Value unit);
  void storeRow(Value row, kernel::RowsType type, Value out);
  void emitRopeTable(kernel::RopeTableOp op, Value unit);

  /// A value of !kernel.row: float32 columns, then zeros up to its padding.
  struct Row {
    /// Where it lies; null while it is only a recipe.
    Value place;
    /// Sixteen columns from a byte offset on.
    std::function<Value(Value offset)> vectorAt;
  };
  void defineRow(Value row, Value place);
  void defineRow(Value row, std::function<Value(Value offset)> vectorAt);
  /// Where the row lies; writes it to scratch unless it is in memory.
  Value rowPlace(Value row);
  Value vectorOf(Value row, Value offset);
  /// `x`, sixteen columns of a row from `offset` on, with zeros from `width`
  /// on.
  Value onlyWithin(Value x, int64_t width, Value offset);
  /// Zeroes the padding of the row at `place`.
  void clearBehind(Value place, int64_t width);
  /// Loops over a row, 16 elements at a time.
  void eachVector(int64_t width,
                  llvm::function_ref<void(Value byteOffset)> body);
  /// The sum of all lanes that `accumulate` makes, vector by vector.
  Value reduce(Value row,
               llvm::function_ref<Value(Value x, Value sum)> accumulate);
  Value sumOfSquares(Value row);
  /// `1 / sqrt(sumOfSquares / count + epsilon)`.
  Value inverseRoot(Value sumOfSquares, int64_t count, float epsilon);
  /// Quantizes 32 floats to group `group` of a q8 row of `width` elements.
  void storeGroup(Value low, Value high, Value row, Value group, int64_t width);

  // Experts.cpp
  void emitRoute(kernel::RouteOp op, Value unit);
  void emitGroup(kernel::GroupOp op);
  void emitScatter(kernel::ScatterOp op, Value unit);
  void emitCombine(kernel::CombineOp op, Value unit);
  void emitSpread(kernel::SpreadOp op, Value unit);
  /// The expert whose places begin at or before `slot`, the last of these.
  Value expertOf(mlir::TypedValue<kernel::RoutingType> routing, Value slot);
  /// Where a row's choices are; its shares follow them.
  Value choicesOf(mlir::TypedValue<kernel::RoutingType> routing, Value row);

  // Recurrence.cpp
  void emitBlockLinear(kernel::BlockLinearOp op, Value slice);
  void emitCausalConv(kernel::CausalConvOp op, Value slice);
  void emitRgLru(kernel::RgLruOp op, Value slice);
  /// Row `row` of `rows`.
  Value rowAt(mlir::TypedValue<kernel::RowsType> rows, Value row);
  /// Loops over the columns of a slice, 16 at a time; `offset` is in bytes.
  void eachColumn(Value slice,
                  llvm::function_ref<void(Value column, Value offset)> body);
  /// Loops over the rows of the step, each with the state of its sequence;
  /// `isFirst` where it is the first of that.
  void eachState(
      Value pages, Value positions, Value offset,
      llvm::function_ref<void(Value row, Value state, Value isFirst)> body);

  // Matmul.cpp
  void emitMatmul(kernel::MatmulOp op, Value slice);
  void storeProducts(kernel::MatmulOp op, Value slice, Value tile, Value row);
  void storeColumns(kernel::RowsType type, Value row, Value column,
                    mlir::ValueRange vectors);

  // RopeAppend.cpp
  void emitRope(kernel::RopeOp op);
  struct Slot;
  void emitAppend(kernel::AppendOp op, Value unit);
  void emitAppend(kernel::AppendValuesOp op, Value unit);
  template <typename Append> Slot findSlot(Append op, Value unit);
  void appendKeys(const Slot &slot, Value keys);
  void appendValues(const Slot &slot, Value values);

  // Attention.cpp
  struct QueryGroup;
  struct Keys;
  void emitAttention(kernel::AttentionOp op, Value slice);
  /// Zeroes the padding of the result's rows, which no head writes.
  void clearPadding(kernel::AttentionOp op, Value first, Value count);
  /// Writes `dim` floats of `head`, divided by `total`, from `column` on.
  void storeHead(kernel::RowsType type, Value head, Value total, int64_t dim,
                 Value row, Value column);
  void attend(kernel::AttentionOp op, const QueryGroup &group);
  Keys ownKeys(kernel::AttentionOp op, const QueryGroup &group);
  Values attendKeys(kernel::AttentionOp op, const Keys &seen, Value keyHead,
                    const Values &query, Value weighted, Values state);
  /// Products of the queries with 16 keys, which lie across.
  Values multiplyKeys(kernel::AttentionOp op, Value keys, const Values &query);

  // DerivedKeys.cpp
  /// As multiplyKeys, with keys that follow from the `values` from position `t`
  /// on.
  Values multiplyValues(kernel::AttentionOp op, Value turns, Value values,
                        Value t, const Values &query);
  /// Products of the queries with the key that follows from one value.
  Values multiplyValue(kernel::AttentionOp op, Value value, Value position,
                       Value turns, const Values &query, Value turned);
  /// For each of 16 keys cosines, then sines of what it is turned more than the
  /// first.
  Value makeTurns(kernel::AttentionOp op);
  /// The turned columns of the queries, seen from position `t`.
  Value turnBack(kernel::AttentionOp op, Value t, const Values &query);
  /// Cosines and sines of the angles of `position`, not rounded.
  void
  eachTurn(kernel::AttentionOp op, Value position,
           llvm::function_ref<void(Value pair, Value cosine, Value sine)> body);
  /// Cosine `c` and sine `s` of a turn that ends at the exact angle, made ones
  /// that end at the angle in float32.
  std::pair<Value, Value> roundTurn(Value position, Value frequency, Value c,
                                    Value s);
  Value floatsAt(kernel::AttentionOp op, Value place, Value i);

  // Limits.cpp
  void emitRead(kernel::ReadOp op, Value slice);
  void emitMultiply(kernel::MultiplyOp op);

  // Attention.cpp
  Value loadKv(kernel::KvFormat format, Value pointer, int64_t lanes);

  const TileEmitter &tiles;
  Value operands, sizes, scratch;
  mlir::IRMapping values;
  llvm::DenseMap<Value, Row> rows;
  int64_t scratchUsed = 0;
};

/// Sixteen consecutive columns of a row of a table; `column` is a multiple of
/// 16.
mlir::Value loadTableColumns(KernelEmitter &emit, kernel::TableType type,
                             mlir::Value row, mlir::Value column);

/// The largest power of two up to 16 that divides `width`.
int64_t lanesFor(int64_t width);

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_KERNELEMITTER_H
