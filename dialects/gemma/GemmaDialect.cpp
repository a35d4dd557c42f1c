//===- GemmaDialect.cpp - Types and attributes of the dialect ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialects/gemma/Gemma.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lapidary::gemma;

static ParseResult parseTokenList(AsmParser &parser,
                                  SmallVector<int64_t> &tokens) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    return parser.parseInteger(tokens.emplace_back());
  });
}

static void printTokenList(AsmPrinter &printer, ArrayRef<int64_t> tokens) {
  printer << '[';
  llvm::interleaveComma(tokens, printer);
  printer << ']';
}

/// `int4`, `int8`: one keyword.
static ParseResult parseIntegerName(AsmParser &parser, int64_t &bits) {
  StringRef name;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseKeyword(&name))
    return failure();
  if (name.consume_front("int") && !name.getAsInteger(10, bits))
    return success();
  return parser.emitError(location, "expected int4 or int8");
}

static void printIntegerName(AsmPrinter &printer, int64_t bits) {
  printer << "int" << bits;
}

/// `64`, `64 values`.
static ParseResult parseKept(AsmParser &parser, int64_t &dim,
                             bool &valuesOnly) {
  if (parser.parseInteger(dim))
    return failure();
  valuesOnly = succeeded(parser.parseOptionalKeyword("values"));
  return success();
}

static void printKept(AsmPrinter &printer, int64_t dim, bool valuesOnly) {
  printer << dim << (valuesOnly ? " values" : "");
}

#include "dialects/gemma/GemmaDialect.cpp.inc"
#include "dialects/gemma/GemmaEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/gemma/GemmaAttributes.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/gemma/GemmaTypes.cpp.inc"

void GemmaDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/gemma/GemmaAttributes.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/gemma/GemmaTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/gemma/GemmaOps.cpp.inc"
      >();
}

LogicalResult KvType::verify(function_ref<InFlightDiagnostic()> emitError,
                             int64_t heads, int64_t dim, bool /*valuesOnly*/) {
  if (heads > 0 && dim > 0)
    return success();
  return emitError() << "expects positive heads and head_dim, but they are "
                     << heads << " and " << dim;
}

LogicalResult RoutingType::verify(function_ref<InFlightDiagnostic()> emitError,
                                  int64_t experts, int64_t top) {
  if (0 < top && top <= experts)
    return success();
  return emitError() << "expects 1 to " << experts
                     << " chosen experts, but they are " << top;
}

LogicalResult QuantType::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t bits, int64_t group) {
  if (bits != 4 && bits != 8)
    return emitError() << "expects 4 or 8 bits, but it has " << bits;
  if (group != kActivationGroup)
    return emitError() << "expects groups of " << kActivationGroup
                       << " columns, but they have " << group;
  return success();
}
