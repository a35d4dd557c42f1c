//===- Recurrence.td - What goes on from a state -------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Part of GemmaOps.td, whose classes it uses.
#ifndef DIALECTS_GEMMA_RECURRENCE_TD
#define DIALECTS_GEMMA_RECURRENCE_TD

def Gemma_StateOp : Gemma_Op<"state", [Symbol]> {
  let summary = "what a layer remembers of a sequence, however long that is";
  let description = [{
    Rows of float32, zero before the sequence begins. Unlike a cache it holds
    one position's past alone: a sequence with a state cannot go back.

    Constraints:
    * (C1) the shape is static

    Example:
    ```mlir
    gemma.state @layers.0.conv_1d : tensor<3x64xf32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<Gemma_Rows>:$type);
  let assemblyFormat = "$sym_name `:` $type attr-dict";
  let extraClassDeclaration = Gemma_DiscardableSymbol;
  let hasVerifier = 1;
}

def Gemma_BlockLinearOp : Gemma_Op<"block_linear", [Pure, RowWise]> {
  let summary = "product with a matrix of blocks on its diagonal";
  let description = [{
    The input's columns are `blocks` stretches of `n`, those of the result of
    `m`. Of every stretch `b`, in float32:
    `result[r, b m + o] = sum over i of input[r, b n + i] * weight[b n + i, o]`.

    Constraints:
    * (C1) `blocks` divides the columns of the input, which are the weight's rows
    * (C2) `dim(result) = [dim(input, 0), blocks * dim(weight, 1)]`

    Example:
    ```mlir
    %y = gemma.block_linear %x, %w blocks 4 : tensor<?x64xf32>, tensor<64x16xbf16> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, Gemma_Matrix:$weight, I64Attr:$blocks);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $weight `blocks` custom<Offset>($blocks) attr-dict `:`
    type($input) `,` type($weight) `->` type($result)
  }];
  let hasVerifier = 1;
}

/// What goes on from a state of the sequence and leaves one.
class Gemma_StateUserOp<string mnemonic, list<string> alike>
    : Gemma_Op<mnemonic, [MemoryEffects<[MemRead, MemWrite]>,
                          DeclareOpInterfaceMethods<SymbolUserOpInterface>,
                          AllTypesMatch<alike>]>;

def Gemma_CausalConvOp : Gemma_StateUserOp<"causal_conv", ["input", "result"]> {
  let summary = "convolution of each column with its past";
  let description = [{
    With `x[p]` the row of the same sequence at position `p`, zero before it
    begins, and `T` taps: for every row at position `p`

    `result[i] = bias[i] + sum over k < T of x[p - T + 1 + k, i] * weight[i T + k]`.

    `state` holds the last `T - 1` rows, the oldest first.

    Constraints:
    * (C1) `state` names a `gemma.state` that is as wide as the input
    * (C2) the weight has `T` elements for each column, the bias one

    Example:
    ```mlir
    %y = gemma.causal_conv %x, %w, %b, %batch of @layers.0.conv_1d : tensor<?x64xf32>, tensor<256xbf16>, tensor<64xbf16>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, Gemma_Vector:$weight, Gemma_Vector:$bias,
                       Gemma_BatchType:$batch, FlatSymbolRefAttr:$state);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $weight `,` $bias `,` $batch `of` $state attr-dict `:`
    type($input) `,` type($weight) `,` type($bias)
  }];
}

def Gemma_RgLruOp : Gemma_StateUserOp<"rg_lru",
    ["input", "input_gate", "recurrence_gate", "result"]> {
  let summary = "real-gated linear recurrent unit";
  let description = [{
    With `h` the state of a sequence, for each of its rows `x`, gates `i` and
    `r`, column by column:

    `l = -8 * sigmoid(r) * rate`, `g = sigmoid(i) * x`,
    `h = exp(l) * h + sqrt(1 - exp(2 l)) * g`, at position 0 `h = g`;
    `result = h`.

    (Griffin, De et al. 2024.)

    Constraints:
    * (C1) `state` names a `gemma.state` of one row that is as wide as the input
    * (C2) gates are of the input's type, and `rate` has an element for each
      column

    Example:
    ```mlir
    %h = gemma.rg_lru %x, %i, %r, %rate, %batch of @layers.0.rg_lru : tensor<?x64xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, Gemma_Rows:$input_gate,
                       Gemma_Rows:$recurrence_gate, Gemma_Vector:$rate,
                       Gemma_BatchType:$batch, FlatSymbolRefAttr:$state);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $input_gate `,` $recurrence_gate `,` $rate `,` $batch `of` $state
    attr-dict `:` type($input) `,` type($rate)
  }];
}

#endif // DIALECTS_GEMMA_RECURRENCE_TD
