//===- PlanOps.cpp - Verifiers of the dialect -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/kernel/Layouts.h"
#include "dialects/plan/Plan.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::plan;

#define GET_OP_CLASSES
#include "dialects/plan/PlanOps.cpp.inc"

//===----------------------------------------------------------------------===//
// What several verifiers ask
//===----------------------------------------------------------------------===//

static LogicalResult expectAtLeast(Operation *op, StringRef name, int64_t least,
                                   int64_t actual) {
  if (actual >= least)
    return success();
  return op->emitOpError("expects '")
         << name << "' to be at least " << least << ", but it is " << actual;
}

static LogicalResult expectOffset(Operation *op,
                                  std::optional<int64_t> offset) {
  if (!offset || (*offset >= 0 && *offset % kAlignment == 0))
    return success();
  return op->emitOpError("expects 'offset' to be a multiple of ")
         << kAlignment << " and at least 0, but it is " << *offset;
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult CacheOp::verify() {
  // cache_c1
  if (failed(expectAtLeast(*this, "window", 0, getWindow())))
    return failure();
  // cache_c2
  if (getPageTokens() < 0 || getPageTokens() % kernel::kKeyBlock)
    return emitOpError("expects 'page_tokens' to be a multiple of ")
           << kernel::kKeyBlock << ", but it is " << getPageTokens();
  // cache_c3
  if (failed(expectAtLeast(*this, "page_bytes", 0, getPageBytes())))
    return failure();
  return expectAtLeast(*this, "saved_bytes", 0, getSavedBytes());
}

/// What a program may hold.
static bool belongsInProgram(Operation &op) {
  return isa<BufferOp, InputOp, ResultOp, BestOp, AllowedOp, PackOp,
             RopeFrequenciesOp, StepListOp, PagesOp, OffsetOp, DispatchOp>(
             op) ||
         gemma::isWeightOp(&op);
}

LogicalResult ProgramOp::verify() {
  // program_c1
  if (failed(expectAtLeast(*this, "min_rows", 1, getMinRows())) ||
      failed(expectAtLeast(*this, "max_rows", getMinRows(), getMaxRows())))
    return failure();
  // program_c2
  if (failed(expectAtLeast(*this, "block_rows", 1, getBlockRows())))
    return failure();
  // program_c3
  if (getBody().getNumArguments())
    return emitOpError("expects a body without arguments");
  for (Operation &op : getBody().front())
    if (!belongsInProgram(op))
      return op.emitOpError("has no place in a plan.program");
  // program_c4
  for (auto buffer : getOps<BufferOp>()) {
    if (!buffer.getOffset() || !getArenaBytes())
      continue;
    int64_t end = *buffer.getOffset() + buffer.getBytes(getMaxRows());
    if (end > static_cast<int64_t>(*getArenaBytes()))
      return buffer.emitOpError("expects to end within the ")
             << *getArenaBytes() << " bytes of the arena, but it ends at byte "
             << end;
  }
  return success();
}

LogicalResult BufferOp::verify() {
  // buffer_c1
  auto rows = dyn_cast<kernel::RowsType>(getType());
  if (rows && rows.getFormat() == kernel::RowFormat::Dense)
    return emitOpError("expects rows with padding, but they are dense");
  // buffer_c2
  if (failed(expectOffset(*this, getOffset())))
    return failure();
  // buffer_c3
  if (failed(expectAtLeast(*this, "times", 1, getTimes())))
    return failure();
  // buffer_c4
  return expectAtLeast(*this, "few", 1, getFew().value_or(1));
}

int64_t BufferOp::getBytes(int64_t rows) {
  rows *= getTimes();
  return kernel::bufferBytes(getType(),
                             std::min<int64_t>(rows, getFew().value_or(rows)));
}

LogicalResult InputOp::verify() {
  // input_c1
  if (failed(expectAtLeast(*this, "number", 0, getNumber())))
    return failure();
  // input_c2
  if (getType().getFormat() == kernel::RowFormat::F32)
    return success();
  return emitOpError("expects rows in f32, but they are in ")
         << kernel::stringifyRowFormat(getType().getFormat());
}

LogicalResult ResultOp::verify() {
  // result_c1
  if (getType().getFormat() != kernel::RowFormat::Dense)
    return emitOpError("expects dense rows, but they are in ")
           << kernel::stringifyRowFormat(getType().getFormat());
  // result_c2
  return expectAtLeast(*this, "number", 0, getNumber());
}

LogicalResult BestOp::verify() {
  // best_c1
  if (getType().getFormat() == kernel::RowFormat::Keys)
    return success();
  return emitOpError("expects keys, but the rows are in ")
         << kernel::stringifyRowFormat(getType().getFormat());
}

LogicalResult AllowedOp::verify() {
  // allowed_c1
  if (getType().getFormat() == kernel::RowFormat::Bits)
    return success();
  return emitOpError("expects bits, but the rows are in ")
         << kernel::stringifyRowFormat(getType().getFormat());
}

kernel::WeightFormat plan::packedFormat(Type element) {
  if (auto quant = dyn_cast<gemma::QuantType>(element))
    return quant.getBits() == 8 ? kernel::WeightFormat::Int8
                                : kernel::WeightFormat::Int4;
  return element.isBF16() ? kernel::WeightFormat::BF16
                          : kernel::WeightFormat::F32;
}

Type PackOp::getStoredType() {
  auto matrix = dyn_cast<kernel::WeightType>(Type(getType()));
  if (!matrix || matrix.getStack() > 1)
    return getType();
  auto source = cast<ShapedType>(getSource().getType());
  return kernel::WeightType::get(getContext(), source.getDimSize(0),
                                 source.getDimSize(1), matrix.getFormat());
}

LogicalResult PackOp::verify() {
  auto source = cast<ShapedType>(getSource().getType());
  std::optional<kernel::WeightFormat> packed;
  // pack_c1
  SmallVector<int64_t> shape;
  llvm::TypeSwitch<Type>(getStoredType())
      .Case([&](kernel::WeightType matrix) {
        shape = {matrix.getStack() * matrix.getRows(), matrix.getColumns()};
        packed = matrix.getFormat();
      })
      .Case([&](kernel::TableType table) {
        shape = {table.getRows(), table.getColumns()};
        packed = table.getFormat();
      })
      .Case([&](kernel::VectorType vector) { shape = {vector.getWidth()}; });
  auto part = dyn_cast<kernel::WeightType>(Type(getType()));
  bool isCorner =
      !part || part.getStack() > 1 ||
      (part.getRows() <= shape[0] && part.getColumns() <= shape[1] &&
       (part.getOf() ? part.getOf() : part.getColumns()) == shape[1]);
  if (source.getShape() != ArrayRef<int64_t>(shape) || !isCorner)
    return emitOpError("expects a result of the shape of ")
           << source << ", but it is " << getType();
  // pack_c2
  kernel::WeightFormat format = packedFormat(source.getElementType());
  bool inPlanes = packed == kernel::WeightFormat::Planes &&
                  format == kernel::WeightFormat::Int8;
  if (packed && *packed != format && !inPlanes)
    return emitOpError("expects the format ")
           << kernel::stringifyWeightFormat(format) << " for "
           << source.getElementType() << ", but it is "
           << kernel::stringifyWeightFormat(*packed);
  // pack_c3
  return expectOffset(*this, getOffset());
}

LogicalResult RopeFrequenciesOp::verify() {
  // rope_frequencies_c1
  for (auto [name, value] : {std::pair("base", getBase().convertToFloat()),
                             std::pair("factor", getFactor().convertToFloat())})
    if (!(value > 0))
      return emitOpError("expects '")
             << name << "' to be positive, but it is " << value;
  // rope_frequencies_c2
  if (failed(expectOffset(*this, getOffset())))
    return failure();
  // rope_frequencies_c3
  int64_t pairs = getPairs(), half = getType().getWidth();
  if (pairs >= 0 && pairs <= half)
    return success();
  return emitOpError("expects 'pairs' to be 0 to ")
         << half << ", but it is " << pairs;
}

LogicalResult PagesOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // pages_c1
  if (symbols.lookupNearestSymbolFrom<CacheOp>(*this, getCacheAttr()))
    return success();
  return emitOpError("expects '")
         << getCache() << "' to name a plan.cache, but there is none";
}

LogicalResult OffsetOp::verify() {
  // offset_c1
  return expectAtLeast(*this, "value", 0, getValue());
}

LogicalResult DispatchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // dispatch_c1. The program is no symbol table: kernels stand beside it.
  auto kernel =
      symbols.lookupNearestSymbolFrom<kernel::FuncOp>(*this, getKernelAttr());
  if (!kernel)
    return emitOpError("expects '")
           << getKernel() << "' to name a kernel.func, but there is none";
  if (llvm::equal(kernel.getArgumentTypes(), getOperandTypes()))
    return success();
  return emitOpError("expects operands of types (")
         << kernel.getArgumentTypes() << "), as '" << getKernel()
         << "' has them, but they are (" << getOperandTypes() << ")";
}
