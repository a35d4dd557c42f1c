//===- GemmaOps.td - Operations of the gemma dialect ---------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DIALECTS_GEMMA_GEMMAOPS_TD
#define DIALECTS_GEMMA_GEMMAOPS_TD

include "dialects/gemma/GemmaDialect.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Gemma_Op<string mnemonic, list<Trait> traits = []>
    : Op<Gemma_Dialect, mnemonic, traits>;

/// Every row of the results depends on the same row of the operands alone.
def RowWise : NativeOpTrait<"RowWise"> {
  let cppNamespace = "::lapidary::gemma";
}

/// Rows of activations: [rows, width].
def Gemma_Rows : 2DTensorOf<[F32]>;
/// Rows split into heads: [rows, heads, head_dim].
def Gemma_Heads : 3DTensorOf<[F32]>;
def Gemma_RowsOrHeads : AnyTypeOf<[Gemma_Rows, Gemma_Heads]>;
def Gemma_Element : AnyTypeOf<[F32, BF16, F16, Gemma_QuantType]>;
def Gemma_Matrix : 2DTensorOf<[Gemma_Element]>;
def Gemma_Vector : 1DTensorOf<[F32, BF16, F16]>;
/// An order of rows: [rows].
def Gemma_Order : 1DTensorOf<[I64]>;
def Gemma_Weight : AnyTypeOf<[Gemma_Matrix, Gemma_Vector, Gemma_Order]>;
def Gemma_Tokens : 1DTensorOf<[I32]>;

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

defvar Gemma_DiscardableSymbol = [{
    /// Nothing outside the module refers to it, so -symbol-dce may remove it.
    bool canDiscardOnUseEmpty() { return true; }
  }];

def Gemma_ParamOp : Gemma_Op<"param", [Symbol]> {
  let summary = "a tensor of the checkpoint";
  let description = [{
    Refers to the bytes of a tensor in a source file: row-major, little-endian,
    from byte `offset` on. Nothing is copied into the IR.

    Constraints:
    * (C1) `offset >= 0`
    * (C2) the shape is static
    * (C3) the elements are floats, or numbers of rows

    Example:
    ```mlir
    gemma.param @model.norm.weight : tensor<1152xbf16> from "model.safetensors" at 4096
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<Gemma_Weight>:$type,
                       StrAttr:$file, I64Attr:$offset);
  let assemblyFormat = [{
    $sym_name `:` $type `from` $file `at` custom<Offset>($offset) attr-dict
  }];
  let extraClassDeclaration = Gemma_DiscardableSymbol;
  let hasVerifier = 1;
}

def Gemma_CacheOp : Gemma_Op<"cache", [Symbol]> {
  let summary = "where a layer keeps keys and values of the past";
  let description = [{
    One per layer that owns keys and values. `window` is the number of keys a
    query may see, itself included (0: all); nothing older need be kept. With
    `source` the positions are those of what an encoder reads, which are counted
    apart from those of the text.

    Constraints:
    * (C1) `window >= 0`

    Example:
    ```mlir
    gemma.cache @layers.0 : !gemma.kv<1 x 256> window 512
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<Gemma_KvType>:$type,
                       I64Attr:$window, UnitAttr:$source);
  let assemblyFormat = [{
    $sym_name `:` $type `window` custom<Offset>($window) (`source` $source^)?
    attr-dict
  }];
  let extraClassDeclaration = Gemma_DiscardableSymbol;
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Weights and their recipes
//===----------------------------------------------------------------------===//

def Gemma_WeightOp : Gemma_Op<"weight",
    [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the value of a parameter";
  let description = [{
    Constraints:
    * (C1) `param` names a `gemma.param` of the result's type

    Example:
    ```mlir
    %w = gemma.weight @model.norm.weight : tensor<1152xbf16>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$param);
  let results = (outs Gemma_Weight:$result);
  let assemblyFormat = "$param attr-dict `:` type($result)";
}

def Gemma_ConcatRowsOp : Gemma_Op<"concat_rows", [Pure]> {
  let summary = "matrices below each other";
  let description = [{
    The rows of all inputs in order, so that products with one input become one.

    Constraints:
    * (C1) all inputs and the result have the same number of columns and the
      same element type
    * (C2) the result has the rows of all inputs together
    * (C3) there is an input

    Example:
    ```mlir
    %w = gemma.concat_rows %q, %k : tensor<8x4xf32>, tensor<2x4xf32> -> tensor<10x4xf32>
    ```
  }];
  let arguments = (ins Variadic<Gemma_Matrix>:$inputs);
  let results = (outs Gemma_Matrix:$result);
  let assemblyFormat = "$inputs attr-dict `:` type($inputs) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Gemma_InterleaveRowsOp : Gemma_Op<"interleave_rows",
    [Pure, AllTypesMatch<["even", "odd"]>]> {
  let summary = "rows of two matrices in turn";
  let description = [{
    `result[2i] = even[i]`, `result[2i + 1] = odd[i]`.

    Constraints:
    * (C1) `type(even) = type(odd)`
    * (C2) the result has twice the rows, all else alike

    Example:
    ```mlir
    %w = gemma.interleave_rows %gate, %up : tensor<8x4xf32> -> tensor<16x4xf32>
    ```
  }];
  let arguments = (ins Gemma_Matrix:$even, Gemma_Matrix:$odd);
  let results = (outs Gemma_Matrix:$result);
  let assemblyFormat = [{
    $even `,` $odd attr-dict `:` type($even) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_InterleaveHalvesOp : Gemma_Op<"interleave_halves", [Pure, SameOperandsAndResultType]> {
  let summary = "rows of both halves of each block in turn";
  let description = [{
    The rows are `blocks` blocks of `n` rows each. In every block `b`, `i < n / 2`:
    `result[b n + 2i] = input[b n + i]`, `result[b n + 2i + 1] = input[b n + n/2 + i]`.

    Checkpoints keep gate and up projections of an expert below each other;
    products want them in turn.

    Constraints:
    * (C1) `blocks > 0`, and the number of rows is a multiple of `2 * blocks`

    Example:
    ```mlir
    %w = gemma.interleave_halves %gate_up blocks 4 : tensor<64x16xf32>
    ```
  }];
  let arguments = (ins Gemma_Matrix:$input, I64Attr:$blocks);
  let results = (outs Gemma_Matrix:$result);
  let assemblyFormat = [{
    $input `blocks` custom<Offset>($blocks) attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_SliceOp : Gemma_Op<"slice", [Pure]> {
  let summary = "a block of a matrix";
  let description = [{
    `result[i, j] = input[at[0] + i, at[1] + j]`.

    Constraints:
    * (C1) `at` has a row and a column, and the block lies within the input
    * (C2) input and result have the same element type, which is a float

    Example:
    ```mlir
    %w = gemma.slice %both at [0, 64] : tensor<32x128xf32> -> tensor<32x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Matrix:$input, DenseI64ArrayAttr:$at);
  let results = (outs Gemma_Matrix:$result);
  let assemblyFormat = "$input `at` $at attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Gemma_GatherRowsOp : Gemma_Op<"gather_rows", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "the rows of a matrix in another order";
  let description = [{
    `result[i] = input[order[i]]`.

    Constraints:
    * (C1) `order` has an entry for each row

    Example:
    ```mlir
    %w = gemma.gather_rows %table, %order : tensor<512x64xf32>, tensor<512xi64>
    ```
  }];
  let arguments = (ins Gemma_Matrix:$input, Gemma_Order:$order);
  let results = (outs Gemma_Matrix:$result);
  let assemblyFormat = "$input `,` $order attr-dict `:` type($input) `,` type($order)";
  let hasVerifier = 1;
}

def Gemma_FillOp : Gemma_Op<"fill", [Pure]> {
  let summary = "a vector of one number";
  let description = [{
    `result[i] = value`. A norm without a weight is one whose weight is 1.

    Constraints:
    * (C1) the shape is static

    Example:
    ```mlir
    %w = gemma.fill 1.0 : tensor<256xf32>
    ```
  }];
  let arguments = (ins F32Attr:$value);
  let results = (outs 1DTensorOf<[F32]>:$result);
  let assemblyFormat = "custom<Float>($value) attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Gemma_OffsetOp : Gemma_Op<"offset", [Pure]> {
  let summary = "a vector plus a constant, in float32";
  let description = [{
    `result[i] = f32(input[i]) + value`, rounded once.

    Constraints:
    * (C1) input and result have the same length

    Example:
    ```mlir
    %w = gemma.offset %v by 1.0 : tensor<8xbf16> -> tensor<8xf32>
    ```
  }];
  let arguments = (ins Gemma_Vector:$input, F32Attr:$value);
  let results = (outs 1DTensorOf<[F32]>:$result);
  let assemblyFormat = [{
    $input `by` custom<Float>($value) attr-dict `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_SoftplusOp : Gemma_Op<"softplus", [Pure]> {
  let summary = "a vector made positive, in float32";
  let description = [{
    `result[i] = log(1 + exp(f32(input[i])))`, rounded once.

    Constraints:
    * (C1) input and result have the same length

    Example:
    ```mlir
    %w = gemma.softplus %v : tensor<8xbf16> -> tensor<8xf32>
    ```
  }];
  let arguments = (ins Gemma_Vector:$input);
  let results = (outs 1DTensorOf<[F32]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Gemma_ConvertOp : Gemma_Op<"convert", [Pure]> {
  let summary = "a weight in another format";
  let description = [{
    Floats: to the nearest, ties to even. To `!gemma.quant` of b bits, for each
    group of columns of a row (the last may be shorter): let `m` be its first
    element of largest magnitude. 8 bits: `scale = f16(|m| / 127)`. 4 bits:
    `scale = f16(m / -8)`, so that the largest element, whatever its sign, is
    met exactly by -8. Then `round(x / scale)`, ties away from zero, clamped to
    the range; all zero where the scale is. From `!gemma.quant`: the product
    `integer * scale`.

    Constraints:
    * (C1) input and result have the same shape

    Example:
    ```mlir
    %q = gemma.convert %w : tensor<8x64xbf16> -> tensor<8x64x!gemma.quant<int4, group = 32>>
    ```
  }];
  let arguments = (ins Gemma_Weight:$input);
  let results = (outs Gemma_Weight:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Row by row
//===----------------------------------------------------------------------===//

def Gemma_EmbedOp : Gemma_Op<"embed", [Pure]> {
  let summary = "rows of a table";
  let description = [{
    `result[r] = table[tokens[r]] * scale`. Tokens behind the table's end read
    row `fallback`; without it there must be none.

    Constraints:
    * (C1) result and tokens have the same number of rows
    * (C2) the result is as wide as the table
    * (C3) `fallback` is a row of the table

    Example:
    ```mlir
    %x = gemma.embed %tokens, %table scale 8.0 : tensor<?xi32>, tensor<512x64xbf16> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Tokens:$tokens, Gemma_Matrix:$table, F32Attr:$scale,
                       OptionalAttr<I64Attr>:$fallback);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $tokens `,` $table `scale` custom<Float>($scale)
    (`fallback` `(` $fallback^ `)`)? attr-dict `:`
    type($tokens) `,` type($table) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_SubstituteOp : Gemma_Op<"substitute", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "another row for one token";
  let description = [{
    `result[r]` is `row` where `tokens[r] = token`, else `input[r]`.

    Constraints:
    * (C1) `input` and `tokens` have the same number of rows
    * (C2) `row` is as wide as the input

    Example:
    ```mlir
    %y = gemma.substitute %x, %tokens token 510 by %row : tensor<?x64xf32>, tensor<?xi32>, tensor<64xbf16>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, Gemma_Tokens:$tokens, I64Attr:$token,
                       Gemma_Vector:$row);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $tokens `token` custom<Offset>($token) `by` $row attr-dict `:`
    type($input) `,` type($tokens) `,` type($row)
  }];
  let hasVerifier = 1;
}

def Gemma_ScaleOp : Gemma_Op<"scale", [Pure, RowWise, SameOperandsAndResultType]> {
  let summary = "multiplication by a constant";
  let description = [{
    `result = input * factor`.

    Example:
    ```mlir
    %y = gemma.scale %x by 8.0 : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, F32Attr:$factor);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `by` custom<Float>($factor) attr-dict `:` type($result)
  }];
  let hasFolder = 1;
}

def Gemma_ScaleByOp : Gemma_Op<"scale_by", [Pure, RowWise, AllTypesMatch<["input", "result"]>]> {
  let summary = "multiplication by a weight";
  let description = [{
    `result[r, i] = input[r, i] * weight[i]`, or `input[r, i] * weight[0]` where
    the weight is a single number.

    Constraints:
    * (C1) the weight has one element, or as many as the input has columns

    Example:
    ```mlir
    %y = gemma.scale_by %x, %layer_scalar : tensor<?x64xf32>, tensor<1xbf16>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, Gemma_Vector:$weight);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $weight attr-dict `:` type($input) `,` type($weight)
  }];
  let hasVerifier = 1;
}

def Gemma_BiasOp : Gemma_Op<"bias", [Pure, RowWise, AllTypesMatch<["input", "result"]>]> {
  let summary = "addition of a weight";
  let description = [{
    `result[r, i] = input[r, i] + weight[i]`.

    Constraints:
    * (C1) the weight has as many elements as the input has columns

    Example:
    ```mlir
    %y = gemma.bias %x, %b : tensor<?x64xf32>, tensor<64xbf16>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, Gemma_Vector:$weight);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $weight attr-dict `:` type($input) `,` type($weight)
  }];
  let hasVerifier = 1;
}

def Gemma_SliceColumnsOp : Gemma_Op<"slice_columns", [Pure, RowWise]> {
  let summary = "consecutive columns of each row";
  let description = [{
    `result[r, i] = input[r, from + i]`.

    Constraints:
    * (C1) `from >= 0`, and the columns end within the input

    Example:
    ```mlir
    %y = gemma.slice_columns %x from 256 : tensor<?x768xf32> -> tensor<?x256xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, I64Attr:$from);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `from` custom<Offset>($from) attr-dict `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_RmsNormOp : Gemma_Op<"rms_norm",
    [Pure, RowWise, AllTypesMatch<["input", "result"]>]> {
  let summary = "root-mean-square normalization over the last dimension";
  let description = [{
    For every stretch `x` of the last dimension of `input` that is as long as
    `weight`:

    `result = x * rsqrt(mean(x * x) + epsilon) * (weight + weight_offset)`

    Gemma 1, 2 and 3 store `weight` as a difference from one, so their
    importers set `weight_offset` to 1.0; Gemma 3n and 4 store it as is: 0.0.
    (Zhang and Sennrich 2019, Root Mean Square Layer Normalization.)

    Constraints:
    * (C1) `type(result) = type(input)`
    * (C2) `dim(input, -1)` is a multiple of `dim(weight, 0)`
    * (C3) `epsilon >= 0`

    Example:
    ```mlir
    %y = gemma.rms_norm %x, %w, <epsilon = 1.0e-6 : f32, weight_offset = 1.0 : f32> : tensor<?x64xf32>, tensor<64xbf16>
    ```
  }];
  let arguments = (ins Gemma_RowsOrHeads:$input, Gemma_Vector:$weight,
                       Gemma_NormAttr:$norm);
  let results = (outs Gemma_RowsOrHeads:$result);
  let assemblyFormat = [{
    $input `,` $weight `,` $norm attr-dict `:` type($input) `,` type($weight)
  }];
  let hasVerifier = 1;
}

def Gemma_LinearOp : Gemma_Op<"linear", [Pure, RowWise, AttrSizedOperandSegments]> {
  let summary = "product with a weight matrix, and what fuses around it";
  let description = [{
    `y[r, o] = sum over i of n[r, i] * weight[o, i]`, in the type `product`.

    * With `norm`, `n` is `rms_norm(input, norm)`, else the input itself.
    * With `softcap c`, `y` becomes `c * tanh(y / c)`.
    * With `post_norm`, `y` becomes `rms_norm(y, post_norm)`.
    * With `add`, the result is `residual + y`.

    Frontends write plain products; passes/fusion adds the rest.

    Constraints:
    * (C1) `dim(weight, 1) = dim(input, 1)`
    * (C2) `dim(result) = [dim(input, 0), dim(weight, 0)]`
    * (C3) a norm's weight is as long as the rows it normalizes
    * (C4) `type(residual) = type(result)`
    * (C5) `product` is `int8` if and only if the weight is quantized
    * (C6) `softcap > 0`

    Example:
    ```mlir
    %y = gemma.linear %x, %w : tensor<?x64xf32>, tensor<32x64xf32> -> tensor<?x32xf32>
    ```
  }];
  let arguments = (ins
    Gemma_Rows:$input, Gemma_Matrix:$weight,
    Optional<Gemma_Vector>:$norm_weight,
    Optional<Gemma_Vector>:$post_norm_weight,
    Optional<Gemma_Rows>:$residual,
    DefaultValuedAttr<Gemma_ProductAttr, "Product::F32">:$product,
    OptionalAttr<Gemma_NormAttr>:$norm,
    OptionalAttr<Gemma_NormAttr>:$post_norm,
    OptionalAttr<F32Attr>:$softcap);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $weight
    (`norm` `(` $norm_weight^ `:` type($norm_weight) `,` $norm `)`)?
    (`softcap` `(` $softcap^ `)`)?
    (`post_norm` `(` $post_norm_weight^ `:` type($post_norm_weight) `,` $post_norm `)`)?
    (`add` `(` $residual^ `:` type($residual) `)`)?
    attr-dict `:` type($input) `,` type($weight) `->` type($result)
  }];
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$input,
                                 "::mlir::Value":$weight)>];
  let extraClassDeclaration = [{
    /// Whether nothing is fused around the product.
    bool isPlain() {
      return !getNormWeight() && !getSoftcapAttr() && !getPostNormWeight() &&
             !getResidual();
    }
  }];
  let hasVerifier = 1;
}

def Gemma_GatedLinearOp : Gemma_Op<"gated_linear", [Pure, RowWise]> {
  let summary = "both halves of a gated feed-forward in one product";
  let description = [{
    `y = linear(input, weight)` as `gemma.linear` has it, with the same optional
    `norm`; then `result[r, i] = gelu(y[r, 2i]) * y[r, 2i + 1]`: rows of gate
    and up alternate in `weight` (`gemma.interleave_rows`).

    Constraints:
    * (C1) `dim(weight, 1) = dim(input, 1)`
    * (C2) `dim(result) = [dim(input, 0), dim(weight, 0) / 2]`
    * (C3) the norm's weight is as long as an input row
    * (C4) `product` is `int8` if and only if the weight is quantized

    Example:
    ```mlir
    %y = gemma.gated_linear %x, %w : tensor<?x64xf32>, tensor<32x64xf32> -> tensor<?x16xf32>
    ```
  }];
  let arguments = (ins
    Gemma_Rows:$input, Gemma_Matrix:$weight, Optional<Gemma_Vector>:$norm_weight,
    DefaultValuedAttr<Gemma_ProductAttr, "Product::F32">:$product,
    OptionalAttr<Gemma_NormAttr>:$norm);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $weight
    (`norm` `(` $norm_weight^ `:` type($norm_weight) `,` $norm `)`)?
    attr-dict `:` type($input) `,` type($weight) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_SplitHeadsOp : Gemma_Op<"split_heads", [Pure, RowWise]> {
  let summary = "columns seen as heads";
  let description = [{
    Splits each row into consecutive stretches, one per result, and each of
    these into heads. Nothing moves.

    Constraints:
    * (C1) results have as many rows as the input
    * (C2) the heads of all results together are as wide as the input

    Example:
    ```mlir
    %q, %k = gemma.split_heads %x : tensor<?x12xf32> -> tensor<?x2x4xf32>, tensor<?x1x4xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input);
  let results = (outs Variadic<Gemma_Heads>:$results);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($results)";
  let hasVerifier = 1;
}

def Gemma_GeluOp : Gemma_Op<"gelu", [Pure, RowWise, SameOperandsAndResultType]> {
  let summary = "Gaussian error linear unit, tanh form";
  let description = [{
    `0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`.

    Example:
    ```mlir
    %y = gemma.gelu %x : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}

def Gemma_GaussianTopKOp : Gemma_Op<"gaussian_topk", [Pure, RowWise, SameOperandsAndResultType]> {
  let summary = "what exceeds an estimate of the top k";
  let description = [{
    With `m` the mean of a row and `s` the standard deviation of it (divided by
    the number of columns): `result = max(x - (m + deviations * s), 0)`. Were
    the row normally distributed, this would keep the share of its elements
    that lies above `deviations`. (Spark transformers, You et al. 2025.)

    Example:
    ```mlir
    %y = gemma.gaussian_topk %x above 1.6448536 : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, F32Attr:$deviations);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `above` custom<Float>($deviations) attr-dict `:` type($result)
  }];
}

def Gemma_MulOp : Gemma_Op<"mul", [Pure, RowWise, SameOperandsAndResultType]> {
  let summary = "elementwise product";
  let description = [{
    `result = lhs * rhs`.

    Example:
    ```mlir
    %y = gemma.mul %a, %b : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$lhs, Gemma_Rows:$rhs);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

def Gemma_AddOp : Gemma_Op<"add", [Pure, RowWise, SameOperandsAndResultType]> {
  let summary = "elementwise sum";
  let description = [{
    `result = lhs + rhs`.

    Example:
    ```mlir
    %y = gemma.add %a, %b : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$lhs, Gemma_Rows:$rhs);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

def Gemma_SoftcapOp : Gemma_Op<"softcap", [Pure, RowWise, SameOperandsAndResultType]> {
  let summary = "smooth bound";
  let description = [{
    `result = cap * tanh(input / cap)`.

    Constraints:
    * (C1) `cap > 0`

    Example:
    ```mlir
    %y = gemma.softcap %x at 30.0 : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, F32Attr:$cap);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `at` custom<Float>($cap) attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_L2NormOp : Gemma_Op<"l2_norm", [Pure, RowWise, SameOperandsAndResultType]> {
  let summary = "rows of length one";
  let description = [{
    `result = x / max(sqrt(sum(x * x)), 1e-12)` for every row `x`.

    Example:
    ```mlir
    %y = gemma.l2_norm %x : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}

include "dialects/gemma/Experts.td"

//===----------------------------------------------------------------------===//
// Positions, past and other rows
//===----------------------------------------------------------------------===//

def Gemma_MeanRowsOp : Gemma_Op<"mean_rows", [Pure]> {
  let summary = "the mean of a sequence's rows";
  let description = [{
    `result[i]` is the mean of all rows of this step that belong to the sequence
    of row `wanted(batch)[i]`.

    Constraints:
    * (C1) the result is as wide as the input

    Example:
    ```mlir
    %y = gemma.mean_rows %x, %batch : tensor<?x64xf32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, Gemma_BatchType:$batch);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $batch attr-dict `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_SelectRowsOp : Gemma_Op<"select_rows", [Pure]> {
  let summary = "the rows whose logits are wanted";
  let description = [{
    `result[i] = input[wanted(batch)[i]]`.

    Constraints:
    * (C1) input and result differ in nothing but their number of rows

    Example:
    ```mlir
    %y = gemma.select_rows %x, %batch : tensor<?x64xf32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_RowsOrHeads:$input, Gemma_BatchType:$batch);
  let results = (outs Gemma_RowsOrHeads:$result);
  let assemblyFormat = [{
    $input `,` $batch attr-dict `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_RopeTableOp : Gemma_Op<"rope_table", [Pure]> {
  let summary = "cosines and sines of each row's rotation angles";
  let description = [{
    With `D` the width of the result, for `j < D / 2`:

    `f[j] = f32(1 / f32(base^(2j / D))) / factor`, or 0 from `j = pairs` on,
    `a = f32(position + ahead) * f[j]`, `result[r, j] = cos(a)`, `result[r, D/2 + j] = sin(a)`; `a` is rounded to
    float32 before cosine and sine, as the reference does.
    (Su et al. 2021, RoFormer; `factor` is linear position interpolation, Chen
    et al. 2023; Gemma 4 rotates the first `pairs` pairs only.)

    Constraints:
    * (C1) `D` is even
    * (C2) `base > 0`, `factor > 0`
    * (C3) `0 <= pairs <= D / 2`

    Example:
    ```mlir
    %t = gemma.rope_table %batch base 1.0e6 factor 8.0 : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_BatchType:$batch, F32Attr:$base, F32Attr:$factor,
                       OptionalAttr<I64Attr>:$pairs,
                       DefaultValuedAttr<I64Attr, "0">:$ahead);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $batch `base` custom<Float>($base) `factor` custom<Float>($factor)
    (`pairs` `(` $pairs^ `)`)? (`ahead` $ahead^)?
    attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_RopeOp : Gemma_Op<"rope", [Pure, RowWise, AllTypesMatch<["input", "result"]>]> {
  let summary = "rotary position embedding, half-split pairs";
  let description = [{
    With `D` the width of the table, for every head `x` of row `r`, `j < D / 2`,
    `c = table[r, j]`, `s = table[r, D/2 + j]`:

    `result[j] = x[j] * c - x[j + D/2] * s`,
    `result[j + D/2] = x[j + D/2] * c + x[j] * s`.

    Columns behind `D` stay as they are.

    Constraints:
    * (C1) `dim(table, 1)` is even and at most `dim(input, 2)`

    Example:
    ```mlir
    %y = gemma.rope %x, %t : tensor<?x4x64xf32>, tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Heads:$input, Gemma_Rows:$table);
  let results = (outs Gemma_Heads:$result);
  let assemblyFormat = [{
    $input `,` $table attr-dict `:` type($input) `,` type($table)
  }];
  let hasVerifier = 1;
}

def Gemma_AppendOp : Gemma_Op<"append",
    [MemoryEffects<[MemRead, MemWrite]>,
     DeclareOpInterfaceMethods<SymbolUserOpInterface>,
     AllTypesMatch<["key", "value"]>]> {
  let summary = "keys and values of this step join the past";
  let description = [{
    Writes `key` and `value` of each row at its position into the cache; the
    result is what queries of this step may see.

    Constraints:
    * (C1) `cache` names a `gemma.cache` of the result's type
    * (C2) key and value have the heads and the head_dim of the result
    * (C3) the cache keeps keys

    Example:
    ```mlir
    %kv = gemma.append %k, %v, %batch to @layers.0 : tensor<?x1x64xf32>, !gemma.kv<1 x 64>
    ```
  }];
  let arguments = (ins Gemma_Heads:$key, Gemma_Heads:$value,
                       Gemma_BatchType:$batch, FlatSymbolRefAttr:$cache);
  let results = (outs Gemma_KvType:$result);
  let assemblyFormat = [{
    $key `,` $value `,` $batch `to` $cache attr-dict `:`
    type($key) `,` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_AppendValuesOp : Gemma_Op<"append_values",
    [MemoryEffects<[MemRead, MemWrite]>,
     DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "values of this step join the past";
  let description = [{
    As `gemma.append`, where keys follow from the values.

    Constraints:
    * (C1) `cache` names a `gemma.cache` of the result's type
    * (C2) the value has the heads and the head_dim of the result
    * (C3) the cache keeps values only

    Example:
    ```mlir
    %kv = gemma.append_values %v, %batch to @layers.5 : tensor<?x1x64xf32>, !gemma.kv<1 x 64 values>
    ```
  }];
  let arguments = (ins Gemma_Heads:$value, Gemma_BatchType:$batch,
                       FlatSymbolRefAttr:$cache);
  let results = (outs Gemma_KvType:$result);
  let assemblyFormat = [{
    $value `,` $batch `to` $cache attr-dict `:` type($value) `,` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_PastOp : Gemma_Op<"past",
    [MemoryEffects<[MemRead]>, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "keys and values that another function appended";
  let description = [{
    What earlier calls appended to the cache, for queries of this one.

    Constraints:
    * (C1) `cache` names a `gemma.cache` of the result's type

    Example:
    ```mlir
    %kv = gemma.past @layers.0 : !gemma.kv<1 x 64>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache);
  let results = (outs Gemma_KvType:$result);
  let assemblyFormat = "$cache attr-dict `:` type($result)";
}

def Gemma_AttentionOp : Gemma_Op<"attention",
    [MemoryEffects<[MemRead]>, AttrSizedOperandSegments]> {
  let summary = "attention over a cache";
  let description = [{
    For a query `q` of head `h` at position `p`, over the keys `k` at positions
    `t <= p` (with `window > 0` also `t > p - window`) of key head
    `floor(h / (heads / kv_heads))` of the same sequence; with `bidirectional`
    all keys, or those with `p - window < t <= p + ahead`, where `ahead` is
    `window - 1` if nothing else is said. All keys of `source` are seen besides.
    With `wanted` the queries are those of the wanted rows:

    `s[t] = scale * dot(q, k[t])`; with `softcap c`: `s = c * tanh(s / c)`;
    `result = sum over t of softmax(s)[t] * v[t]`.

    Where `kv` keeps values only, the key at position `t` is `rope(v[t] *
    key_weight)`, rotated by the angles of `t` that `rotation` gives.

    The heads of a row lie side by side in the result.
    (Vaswani et al. 2017; grouped heads: Ainslie et al. 2023.)

    Constraints:
    * (C1) `dim(query, 2)` is the head_dim of the cache; `source` is alike
    * (C2) `dim(query, 1)` is a multiple of the cache's heads
    * (C3) `dim(result, 1) = dim(query, 1) * dim(query, 2)`
    * (C4) `window >= 0`
    * (C5) `softcap > 0`
    * (C6) `ahead >= 0`, and is there with `bidirectional` and a window only
    * (C7) there are `key_weight`, as long as head_dim, and `rotation`, of an
      even width up to head_dim and up to half as many pairs, if `kv` keeps
      values only; `source` keeps keys

    Example:
    ```mlir
    %y = gemma.attention %q, %kv, %batch scale 0.0625 window 512 : tensor<?x4x64xf32>, !gemma.kv<1 x 64> -> tensor<?x256xf32>
    ```
  }];
  let arguments = (ins Gemma_Heads:$query, Gemma_KvType:$kv, Gemma_BatchType:$batch,
                       Optional<Gemma_KvType>:$source,
                       Optional<Gemma_Vector>:$key_weight,
                       OptionalAttr<Gemma_RotationAttr>:$rotation, F32Attr:$scale, I64Attr:$window, OptionalAttr<F32Attr>:$softcap,
                       UnitAttr:$bidirectional, OptionalAttr<I64Attr>:$ahead,
                       UnitAttr:$wanted);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $query `,` $kv `,` $batch (`source` `(` $source^ `:` type($source) `)`)?
    (`keys` `(` $key_weight^ `,` $rotation `:` type($key_weight) `)`)?
    `scale` custom<Float>($scale)
    `window` custom<Offset>($window) (`softcap` `(` $softcap^ `)`)?
    (`bidirectional` $bidirectional^)? (`ahead` $ahead^)? (`wanted` $wanted^)?
    attr-dict `:` type($query) `,` type($kv) `->` type($result)
  }];
  let hasVerifier = 1;
}

include "dialects/gemma/Recurrence.td"

#endif // DIALECTS_GEMMA_GEMMAOPS_TD
