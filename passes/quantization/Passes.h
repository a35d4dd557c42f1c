//===- Passes.h - Passes of the stage quantization --------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Choose in what format weights are stored and products multiply.
#ifndef LAPIDARY_PASSES_QUANTIZATION_PASSES_H
#define LAPIDARY_PASSES_QUANTIZATION_PASSES_H

#include "dialects/gemma/Gemma.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassOptions.h"

namespace lapidary {

/// How a matrix is stored.
enum class WeightFormat {
  /// Only for the head: int8 where the layers have int4, else as the layers.
  Automatic,
  F32,
  BF16,
  /// 8 bits, groups of 32 columns.
  Int8,
  /// 4 bits, groups of 32 columns.
  Int4,
};

/// Spellings of the formats that layers may have.
inline llvm::cl::ValuesClass schemeValues() {
  return llvm::cl::values(
      clEnumValN(WeightFormat::F32, "f32", "float32, the reference"),
      clEnumValN(WeightFormat::BF16, "bf16", "bfloat16"),
      clEnumValN(WeightFormat::Int8, "int8", "8 bits, groups of 32 columns"),
      clEnumValN(WeightFormat::Int4, "int4", "4 bits, groups of 32 columns"));
}

/// Spellings of the formats that the head may have.
inline llvm::cl::ValuesClass headValues() {
  return llvm::cl::values(
      clEnumValN(WeightFormat::Automatic, "auto",
                 "int8 where the layers have int4, else as the layers"),
      clEnumValN(WeightFormat::F32, "f32", "float32, the reference"),
      clEnumValN(WeightFormat::BF16, "bf16", "bfloat16"),
      clEnumValN(WeightFormat::Int8, "int8", "8 bits, groups of 32 columns"),
      clEnumValN(WeightFormat::Int4, "int4", "4 bits, groups of 32 columns"));
}

#define GEN_PASS_DECL
#include "passes/quantization/Passes.h.inc"

/// Options of `--gemma-quantization-pipeline`.
struct QuantizationPipelineOptions
    : mlir::PassPipelineOptions<QuantizationPipelineOptions> {
  Option<WeightFormat> scheme{
      *this, "scheme", llvm::cl::desc("Format of the layers' matrices"),
      llvm::cl::init(WeightFormat::BF16), schemeValues()};
  Option<WeightFormat> head{
      *this, "head", llvm::cl::desc("Format of embedding tables and the head"),
      llvm::cl::init(WeightFormat::Automatic), headValues()};
};

/// Adds all passes of the stage to `pm`, which runs on modules.
void addQuantizationPipeline(mlir::OpPassManager &pm,
                             const QuantizationPipelineOptions &options);

/// Makes the pipeline known by its flag.
void registerQuantizationPipeline();

#define GEN_PASS_REGISTRATION
#include "passes/quantization/Passes.h.inc"

} // namespace lapidary

#endif // LAPIDARY_PASSES_QUANTIZATION_PASSES_H
