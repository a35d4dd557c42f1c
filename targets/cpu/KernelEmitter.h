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
  /// What integers up to 127 are multiplied with to reach `peak`, and what
  /// floats are to become integers.
  std::pair<Value, Value> scaleToBytes(Value peak);
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
  /// Where the bits are that say of slice `slice` which columns row `row` has.
  Value amongAt(kernel::MatmulOp op, Value slice, Value row);
  /// The bits of all rows together.
  Value wantedColumns(kernel::MatmulOp op, Value slice);
  /// Softcap and epilogue of a row's products, in their place.
  void finishProducts(kernel::MatmulOp op, Value tile);
  void storeProducts(kernel::MatmulOp op, Value slice, Value tile, Value row);
  void storeColumns(kernel::RowsType type, Value row, Value column,
                    mlir::ValueRange vectors);

  // Best.cpp
  void emitPeaks(kernel::PeaksOp op, Value slice);
  void emitBest(kernel::BestOp op, Value row);
  void emitContenders(kernel::ContendersOp op, Value slice);
  /// How many the run asks for.
  Value bestCount();
  /// Calls `body` for each 16 of the columns that a slice goes through; those
  /// behind the last one are no numbers.
  Values eachLogits(kernel::RowsType type, Value row, Value part,
                    mlir::ValueRange carried,
                    llvm::function_ref<Values(Value column, Value logits,
                                              mlir::ValueRange carried)>
                        body);
  /// Makes estimates of 16 `columns` of a row their logits.
  Value refinePeaks(kernel::PeaksOp op, Value unit, Value row, Value estimates,
                    Value columns);
  /// Adds the keys of those columns of a row that may reach `least`.
  void refineContenders(kernel::ContendersOp op, Value unit, Value part,
                        Value row, Value least, Value list);
  /// Adds those of 16 keys that are greater than the last one wanted.
  void insertKeys(Value list, Value keys);

  // Planes.cpp
  struct Refiner {
    kernel::WeightType type;
    Value weight;
    /// A row of activations, and copies of the scales of its groups and of what
    /// their sums begin with, in float32 and int32.
    Value bytes, factors, starts;
    /// Room for dot products of all groups.
    Value dots;
    /// The Euclidean norm of the activations, in all lanes, and the share of an
    /// estimate that its rounding may be.
    Value norm;
    double rounding;
  };
  Refiner makeRefiner(mlir::TypedValue<kernel::WeightType> weight,
                      mlir::TypedValue<kernel::RowsType> rows, Value unit);
  /// What the logits of 16 columns from `column` on cannot exceed.
  Value upperBounds(const Refiner &refiner, Value estimates, Value column);
  /// The logit that belongs to row `row` of the weight.
  Value refine(const Refiner &refiner, Value row, Value estimate);
  void prefetchRow(const Refiner &refiner, Value row);
  /// Where the lower halves, and the scales, of a row begin.
  Value lowerLines(kernel::WeightType type, Value weight, Value row);
  Value rowScalesAt(const Refiner &refiner, Value row);
  /// The dot products of the groups in `count` tiles, with the last one or not.
  void dotTiles(const Refiner &refiner, Value lines, Value first, int64_t count,
                bool isLast);

  // RopeAppend.cpp
  void emitRope(kernel::RopeOp op);
  struct Slot;
  void emitAppend(kernel::AppendOp op, Value unit);
  void emitAppend(kernel::AppendValuesOp op, Value unit);
  template <typename Append> Slot findSlot(Append op, Value unit);
  void appendKeys(const Slot &slot, Value keys);
  void appendValues(const Slot &slot, Value values);
  /// Rounds `dim` floats to signed bytes with one scale; returns their sum.
  Value roundToBytes(Value from, int64_t dim, Value to, Value scalePlace);

  // Softmax.h
  struct Cache;
  struct QueryTile;
  struct QueryGroup;
  struct Softmax;
  struct Softmaxes;
  struct PageRange;
  struct Page;
  struct Sight;

  // Attention.cpp
  void emitAttention(kernel::AttentionOp op, Value slice);
  void emitMergeStrands(kernel::MergeStrandsOp op, Value unit);
  /// The most queries of a tile, and which of them is that of `head`.
  static int64_t tileQueries(kernel::AttentionOp op);
  Value numberOf(kernel::AttentionOp op, Value row, Value head);
  /// Zeroes the padding of the result's rows, which no head writes.
  void clearPadding(kernel::AttentionOp op, Value first, Value count);
  void attendStrand(kernel::AttentionOp op, QueryTile &tile, Value strand);
  void attendStrands(kernel::AttentionOp op, QueryTile &tile);
  /// Goes through the pages of a strand, from cleared softmaxes on.
  void attendPages(kernel::AttentionOp op, const QueryTile &tile, Value strand,
                   const Softmaxes &state);
  /// From the strand's first page that the tile sees, in steps of 8.
  PageRange pagesOf(kernel::AttentionOp op, const QueryTile &tile,
                    const Cache &cache, Value strand);
  Value isSeen(kernel::AttentionOp op, const QueryTile &tile, Value strand);
  void eachQuery(kernel::AttentionOp op, const QueryTile &tile,
                 llvm::function_ref<void(Value row, Value head)> body);
  /// Writes the softmax's `dim` floats from `column` on.
  void storeHead(kernel::RowsType type, const Softmax &head, int64_t dim,
                 Value row, Value column);

  // Softmax.cpp
  /// Those in rows for `heads` heads, counted from `head` on.
  Softmaxes softmaxesIn(int64_t heads, int64_t dim, Value rows, int64_t stride,
                        Value head);
  void clearSoftmax(const Softmax &softmax, int64_t dim);
  /// Makes `all` that of the keys of both.
  void mergeSoftmax(const Softmax &all, const Softmax &one, int64_t dim);

  // AttendPage.cpp
  Sight sightOf(kernel::AttentionOp op, const QueryTile &tile,
                const Cache &cache, Value row);
  void attendPage(kernel::AttentionOp op, const QueryTile &tile,
                  const Cache &cache, Value number, const QueryGroup &group,
                  const Softmaxes &state);
  void eachOf(const QueryGroup &group,
              llvm::function_ref<void(int64_t i, Value row, Value head)> body);
  Value queryAt(kernel::AttentionOp op, const QueryTile &tile, Value row,
                Value head);
  void scorePage(kernel::AttentionOp op, const QueryTile &tile,
                 const Cache &cache, const Page &page, const QueryGroup &group,
                 Value scores);
  /// Scores of 16 keys from `position` on of what they were multiplied to.
  Value finishScores(kernel::AttentionOp op, Value products, Value position,
                     const Sight &sight);
  /// For each of `blocks` times 16 keys from `key` on, which lie across, its
  /// products with each of the queries.
  Values multiplyKeys(kernel::AttentionOp op, const Page &page, Value key,
                      int64_t blocks, const Values &queries);
  /// Hints that `bytes` will be read.
  void fetch(Value place, int64_t bytes);
  /// Hints ahead of a column of blocks of keys, and at the values of as many
  /// bytes, `bytes` for each block.
  void fetchAhead(Value column, int64_t blockBytes, int64_t blocks,
                  Value values, int64_t bytes);
  /// The scales of 16 keys or values from `key` on of a page whose integers
  /// are `stride` bytes for each.
  Value scalesAt(kernel::AttentionOp op, Value integers, int64_t stride,
                 Value key);
  Values weighScores(kernel::AttentionOp op, const Page &page,
                     const QueryGroup &group, const Softmaxes &state,
                     Value scores);
  void addValues(kernel::AttentionOp op, const Page &page,
                 const QueryGroup &group, const Softmaxes &state, Value weights,
                 const Values &decays);
  Value loadKv(kernel::KvFormat format, Value pointer, int64_t lanes);

  // ByteKeys.cpp
  /// Rounds the tile's queries if keys are bytes, and makes turns if there are
  /// no keys.
  void prepareQueries(kernel::AttentionOp op, QueryTile &tile);
  /// As multiplyKeys, with keys that are bytes.
  Values multiplyByteKeys(kernel::AttentionOp op, const QueryTile &tile,
                          const QueryGroup &group, const Page &page, Value key,
                          int64_t blocks);

  // DerivedKeys.cpp
  /// As multiplyKeys for 16 keys, which follow from the values from `key` on
  /// of the page whose first is at `position`.
  Values multiplyValues(kernel::AttentionOp op, Value turns, Value values,
                        Value position, Value key, const Values &query);
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

/// A score below every other and finite, so that differences of it are no NaN.
inline constexpr double kMasked = -1.0e30;

} // namespace lapidary::cpu

#endif // LAPIDARY_TARGETS_CPU_KERNELEMITTER_H
