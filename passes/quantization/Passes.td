//===- Passes.td - Passes of the stage quantization ----------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef PASSES_QUANTIZATION_PASSES_TD
#define PASSES_QUANTIZATION_PASSES_TD

include "mlir/Pass/PassBase.td"

def QuantizeWeightsPass
    : Pass<"gemma-quantize-weights", "::mlir::ModuleOp"> {
  let summary = "Set the format of every weight and the type of every product";
  let description = [{
    Puts a `gemma.convert` behind the recipe of every matrix that a product or
    an embedding reads, and lets the product multiply in the type that belongs
    to it: `f32` in float32, `bf16` in bfloat16, `int8` and `int4` in int8.
    Weights of norms are few and become float32.

    The head, which is the product that reads an embedding table or whose rows
    the function returns, has the format `head`: its errors reach every token.
    Its table stays one weight, in whichever function it is looked up. So has a
    table that is all that a function looks up; one beside it that is only
    looked up is as the layers' matrices.

    A matrix that the checkpoint has quantized keeps its integers when `scheme`
    or `head` asks for integers of another width.
    Example: test/passes/quantization/quantize-weights.mlir
  }];
  let options = [
    Option<"scheme", "scheme", "::lapidary::WeightFormat",
           "::lapidary::WeightFormat::BF16", "Format of the layers' matrices",
           "::lapidary::schemeValues()">,
    Option<"head", "head", "::lapidary::WeightFormat",
           "::lapidary::WeightFormat::Automatic",
           "Format of the head",
           "::lapidary::headValues()">,
  ];
  let dependentDialects = ["::lapidary::gemma::GemmaDialect"];
}

#endif // PASSES_QUANTIZATION_PASSES_TD
