//===- Gemma.h - The gemma dialect ------------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What researchers read: models as their papers draw them. See GemmaOps.td.
#ifndef LAPIDARY_DIALECTS_GEMMA_GEMMA_H
#define LAPIDARY_DIALECTS_GEMMA_GEMMA_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/gemma/GemmaDialect.h.inc"
#include "dialects/gemma/GemmaEnums.h.inc"

namespace lapidary::gemma {
template <typename ConcreteOp>
class RowWise : public mlir::OpTrait::TraitBase<ConcreteOp, RowWise> {};
} // namespace lapidary::gemma

#define GET_ATTRDEF_CLASSES
#include "dialects/gemma/GemmaAttributes.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/gemma/GemmaTypes.h.inc"
#define GET_OP_CLASSES
#include "dialects/gemma/GemmaOps.h.inc"

namespace lapidary::gemma {

/// Name of the module attribute that holds a `ConfigAttr`.
inline constexpr llvm::StringLiteral kConfigAttrName = "gemma.config";

/// Names of the functions that a model is made of: one whose result are the
/// logits of the wanted rows, one whose result are the embeddings of their
/// sequences, one that drafts for the first, and one that reads what the first
/// is about.
inline constexpr llvm::StringLiteral kTextName = "text";
inline constexpr llvm::StringLiteral kEmbedName = "embed";
inline constexpr llvm::StringLiteral kDraftName = "draft";
inline constexpr llvm::StringLiteral kEncodeName = "encode";

/// Whether `op` is a parameter or makes a weight of weights: part of a recipe
/// that is the same in every step.
bool isWeightOp(mlir::Operation *op);

/// Columns of an activation row that share a scale in an `int8` product.
inline constexpr int64_t kActivationGroup = 32;

} // namespace lapidary::gemma

#endif // LAPIDARY_DIALECTS_GEMMA_GEMMA_H
