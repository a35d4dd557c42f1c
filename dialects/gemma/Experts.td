//===- Experts.td - Streams and experts ----------------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Part of GemmaOps.td, whose classes it uses.
#ifndef DIALECTS_GEMMA_EXPERTS_TD
#define DIALECTS_GEMMA_EXPERTS_TD

//===----------------------------------------------------------------------===//
// Alternating updates
//===----------------------------------------------------------------------===//

def Gemma_MatchRmsOp : Gemma_Op<"match_rms", [Pure, RowWise, SameOperandsAndResultType]> {
  let summary = "a row as large as another";
  let description = [{
    `result = x * sqrt(mean(t * t)) / sqrt(max(mean(x * x), floor))` for every
    row `x` of `input` and `t` of `target`.

    Constraints:
    * (C1) `floor > 0`

    Example:
    ```mlir
    %y = gemma.match_rms %x, %target floor 1.0e-5 : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, Gemma_Rows:$target, F32Attr:$floor);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $target `floor` custom<Float>($floor) attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_AltupPredictOp : Gemma_Op<"altup_predict", [Pure, RowWise]> {
  let summary = "each residual stream predicted from all";
  let description = [{
    With `M` streams `x_n`:
    `result_m[r] = x_m[r] + sum over n of coefs[r, m M + n] * x_n[r]`.
    (Alternating updates, Baykal et al. 2023.)

    Constraints:
    * (C1) there is a stream, and as many results
    * (C2) `dim(coefs, 1) = M * M`
    * (C3) all streams and results have one type

    Example:
    ```mlir
    %p, %q = gemma.altup_predict %coefs, (%x, %y) : (tensor<?x4xf32>, tensor<?x64xf32>, tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>)
    ```
  }];
  let arguments = (ins Gemma_Rows:$coefs, Variadic<Gemma_Rows>:$streams);
  let results = (outs Variadic<Gemma_Rows>:$results);
  let assemblyFormat = [{
    $coefs `,` `(` $streams `)` attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Gemma_AltupCorrectOp : Gemma_Op<"altup_correct", [Pure, RowWise]> {
  let summary = "each prediction corrected by what one of them became";
  let description = [{
    With `M` predictions `p_n`, of which `p_active` was computed on to
    `activated`:
    `result_m[r] = p_m[r] + (coefs[r, m] + 1) * (activated[r] - p_active[r])`.

    Constraints:
    * (C1) there is a prediction, and as many results
    * (C2) `dim(coefs, 1) = M`
    * (C3) `activated`, all predictions and results have one type
    * (C4) `0 <= active < M`

    Example:
    ```mlir
    %x, %y = gemma.altup_correct %coefs, %new, (%p, %q) active 0 : (tensor<?x2xf32>, tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>)
    ```
  }];
  let arguments = (ins Gemma_Rows:$coefs, Gemma_Rows:$activated,
                       Variadic<Gemma_Rows>:$predictions, I64Attr:$active);
  let results = (outs Variadic<Gemma_Rows>:$results);
  let assemblyFormat = [{
    $coefs `,` $activated `,` `(` $predictions `)` `active` custom<Offset>($active)
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Experts
//===----------------------------------------------------------------------===//

def Gemma_RouteOp : Gemma_Op<"route", [Pure, RowWise]> {
  let summary = "which experts a row goes to";
  let description = [{
    With `p = softmax(scores[r])`: the `top` experts of largest `p`, the first of
    equals; each with the share `scales[e] * p[e] / (sum of the chosen p)`.

    Constraints:
    * (C1) `dim(scores, 1)` and `dim(scales, 0)` are the experts of the result

    Example:
    ```mlir
    %c = gemma.route %scores, %scales : tensor<?x128xf32>, tensor<128xbf16> -> !gemma.routing<128 top 8>
    ```
  }];
  let arguments = (ins Gemma_Rows:$scores, Gemma_Vector:$scales);
  let results = (outs Gemma_RoutingType:$result);
  let assemblyFormat = [{
    $scores `,` $scales attr-dict `:` type($scores) `,` type($scales) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_ExpertsOp : Gemma_Op<"experts", [Pure, RowWise]> {
  let summary = "gated feed-forward of the chosen experts";
  let description = [{
    `gate_up` holds `2 n` rows for each expert, gate and up in turn, `down` as
    many as the result is wide. With `y = gate_up_e * input[r]` and
    `h[i] = gelu(y[2i]) * y[2i + 1]`:
    `result[r] = sum over the chosen (e, share) of share * (down_e * h)`.
    Products are as in `gemma.linear`, in the type `product`.

    Constraints:
    * (C1) with `E` experts `dim(gate_up, 0) = 2 E n`, `dim(down) = [E * dim(result, 1), n]`
    * (C2) `dim(gate_up, 1) = dim(input, 1)`
    * (C3) `product` is `int8` if and only if the weights are quantized

    Example:
    ```mlir
    %y = gemma.experts %x, %c, %gate_up, %down : tensor<?x64xf32>, !gemma.routing<4 top 2>, tensor<256x64xf32>, tensor<256x32xf32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, Gemma_RoutingType:$routing,
                       Gemma_Matrix:$gate_up, Gemma_Matrix:$down,
                       DefaultValuedAttr<Gemma_ProductAttr, "Product::F32">:$product);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $routing `,` $gate_up `,` $down attr-dict `:` type($input) `,`
    type($routing) `,` type($gate_up) `,` type($down) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Gemma_ClusteredLinearOp : Gemma_Op<"clustered_linear", [Pure, RowWise]> {
  let summary = "logits of the tokens in the most promising clusters";
  let description = [{
    The rows of `weight` lie cluster by cluster, as many in each; row `i` belongs
    to token `order[i]`. With `y = weight * input[r]`, for every row `i` in one of
    the `top` clusters of largest score, the first of equals:
    `result[r, order[i]] = y[i]`. All other tokens get the smallest of these less
    one. Products are as in `gemma.linear`, in the type `product`.

    Constraints:
    * (C1) `order` has an entry for each row of `weight`, and so has a row of the
      result
    * (C2) the number of scores divides that of rows
    * (C3) `dim(weight, 1) = dim(input, 1)`
    * (C4) `0 < top <= dim(scores, 1)`
    * (C5) `product` is `int8` if and only if the weight is quantized

    Example:
    ```mlir
    %y = gemma.clustered_linear %x, %scores, %w, %order top 4 : tensor<?x64xf32>, tensor<?x32xf32>, tensor<512x64xf32>, tensor<512xi64> -> tensor<?x512xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$input, Gemma_Rows:$scores, Gemma_Matrix:$weight,
                       Gemma_Order:$order, I64Attr:$top,
                       DefaultValuedAttr<Gemma_ProductAttr, "Product::F32">:$product);
  let results = (outs Gemma_Rows:$result);
  let assemblyFormat = [{
    $input `,` $scores `,` $weight `,` $order `top` custom<Offset>($top) attr-dict `:`
    type($input) `,` type($scores) `,` type($weight) `,` type($order) `->` type($result)
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_GEMMA_EXPERTS_TD
