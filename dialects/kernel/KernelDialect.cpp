//===- KernelDialect.cpp - Types and attributes of the dialect --*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/kernel/Kernel.h"
#include "dialects/kernel/Layouts.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lapidary;
using namespace lapidary::kernel;

#include "dialects/kernel/KernelDialect.cpp.inc"
#include "dialects/kernel/KernelEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/kernel/KernelAttributes.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/kernel/KernelTypes.cpp.inc"

using EmitError = llvm::function_ref<InFlightDiagnostic()>;

static LogicalResult verifyPositive(EmitError emitError, StringRef what,
                                    int64_t value) {
  if (value > 0)
    return success();
  return emitError() << "expects " << what << " to be positive, but it is "
                     << value;
}

LogicalResult RowsType::verify(EmitError emitError, int64_t width, RowFormat) {
  // rows_c1
  return verifyPositive(emitError, "the width of rows", width);
}

LogicalResult RowType::verify(EmitError emitError, int64_t width) {
  // row_c1
  return verifyPositive(emitError, "the width of a row", width);
}

LogicalResult WeightType::verify(EmitError emitError, int64_t rows,
                                 int64_t columns, WeightFormat format,
                                 int64_t stack, int64_t of) {
  // weight_c1
  if (failed(verifyPositive(emitError, "the number of rows", rows)) ||
      failed(verifyPositive(emitError, "the stack", stack)) ||
      failed(verifyPositive(emitError, "the number of columns", columns)))
    return failure();
  // weight_c3
  if (format == WeightFormat::Planes && (stack != 1 || of != 0))
    return emitError() << "expects a whole matrix in planes, neither a stack "
                          "nor a part";
  // weight_c2
  if (of == 0 || (of >= columns && columns % kPadding == 0 && stack == 1))
    return success();
  return emitError() << "expects whole blocks of " << kPadding
                     << " of the columns of one matrix, but takes " << columns
                     << " of " << of;
}

LogicalResult RoutingType::verify(EmitError emitError, int64_t experts,
                                  int64_t top) {
  // routing_c1
  if (0 < top && top <= experts)
    return success();
  return emitError() << "expects 1 to " << experts
                     << " chosen experts, but they are " << top;
}

LogicalResult TableType::verify(EmitError emitError, int64_t rows,
                                int64_t columns, WeightFormat) {
  // table_c1
  if (failed(verifyPositive(emitError, "the number of rows", rows)))
    return failure();
  return verifyPositive(emitError, "the number of columns", columns);
}

LogicalResult kernel::VectorType::verify(EmitError emitError, int64_t width) {
  // vector_c1
  return verifyPositive(emitError, "the width of a vector", width);
}

void KernelDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/kernel/KernelAttributes.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/kernel/KernelTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/kernel/KernelOps.cpp.inc"
      >();
}
