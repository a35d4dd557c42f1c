//===- KernelOps.td - Operations of the kernel dialect -------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DIALECTS_KERNEL_KERNELOPS_TD
#define DIALECTS_KERNEL_KERNELOPS_TD

include "dialects/kernel/KernelDialect.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Kernel_Op<string mnemonic, list<Trait> traits = []>
    : Op<Kernel_Dialect, mnemonic, traits>;

/// What stands in the body of a kernel.
class Kernel_BodyOp<string mnemonic, list<Trait> traits = []>
    : Kernel_Op<mnemonic, !listconcat(traits, [HasParent<"FuncOp">])> {
  let hasVerifier = 1;
}

/// What computes a row from rows of the same width.
class Kernel_MapOp<string mnemonic, list<Trait> traits = []>
    : Kernel_Op<mnemonic, !listconcat(traits, [Pure, HasParent<"FuncOp">,
                                               SameOperandsAndResultType])>;

def Kernel_FuncOp : Kernel_Op<"func",
    [FunctionOpInterface, IsolatedFromAbove, SingleBlock, NoTerminator]> {
  let summary = "one slice of a grid";
  let description = [{
    The grid of a run has `units * slices` slices, where `unit` says what is
    counted: nothing (`one`: one unit), rows of the step, blocks of rows, or
    wanted rows. Slice `s` belongs to unit `s / slices`.

    Constraints:
    * (C1) arguments are places: rows, weights, vectors, lists, pages, offsets
    * (C2) `slices > 0`, and 1 where rows of the step are counted
    * (C3) there are no results
    * (C4) the body holds operations of this dialect alone

    Example:
    ```mlir
    kernel.func @norm(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<64>, %y: !kernel.rows<64 x q8>)
        attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
      %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
      %1 = kernel.rms_norm %0, %w epsilon 1.0e-6 : !kernel.row<64>, !kernel.vector<64>
      kernel.store %1, %y : !kernel.row<64>, !kernel.rows<64 x q8>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       TypeAttrOf<FunctionType>:$function_type,
                       Kernel_GridUnitAttr:$unit, I64Attr:$slices,
                       OptionalAttr<DictArrayAttr>:$arg_attrs,
                       OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name,
      "::llvm::ArrayRef<::mlir::Type>":$arguments, "GridUnit":$unit,
      "int64_t":$slices)>];
  let skipDefaultBuilders = 1;
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() {
      return getFunctionType().getInputs();
    }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return {}; }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
}

//===----------------------------------------------------------------------===//
// One row
//===----------------------------------------------------------------------===//

def Kernel_LoadOp : Kernel_BodyOp<"load",
    [MemoryEffects<[MemRead]>, AttrSizedOperandSegments]> {
  let summary = "the slice's row";
  let description = [{
    Row `unit`, or with `at` row `list[unit]`; with `offset` its columns from
    that many bytes on.

    Constraints:
    * (C1) the rows are `f32`
    * (C2) the result is as wide as the rows, or with `offset` not wider
    * (C3) the kernel counts rows

    Example:
    ```mlir
    %0 = kernel.load %x at %wanted : !kernel.rows<64 x f32> -> !kernel.row<64>
    %1 = kernel.load %qkv offset %o : !kernel.rows<1536 x f32> -> !kernel.row<256>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$rows, Optional<Kernel_ListType>:$list,
                       Optional<Kernel_OffsetType>:$offset);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = [{
    $rows (`at` $list^)? (`offset` $offset^)? attr-dict `:`
    type($rows) `->` type($result)
  }];
}

def Kernel_EmbedOp : Kernel_BodyOp<"embed", [MemoryEffects<[MemRead]>]> {
  let summary = "a row of a packed table, by token";
  let description = [{
    `result = table[tokens[unit]] * scale`; a token behind the table's end reads
    row `fallback`, where that is given.

    Constraints:
    * (C1) the result is as wide as the table
    * (C2) the kernel counts rows

    Example:
    ```mlir
    %0 = kernel.embed %tokens, %table scale 8.0 : !kernel.weight<512 x 64 x bf16> -> !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_ListType:$tokens,
                       AnyTypeOf<[Kernel_WeightType, Kernel_TableType]>:$table,
                       F32Attr:$scale, OptionalAttr<I64Attr>:$fallback);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = [{
    $tokens `,` $table `scale` $scale (`fallback` $fallback^)? attr-dict `:`
    type($table) `->` type($result)
  }];
}

def Kernel_SubstituteOp : Kernel_BodyOp<"substitute", [MemoryEffects<[MemRead]>, AllTypesMatch<["input", "result"]>]> {
  let summary = "another row for one token";
  let description = [{
    `vector` where `tokens[unit] = token`, else `input`.

    Constraints:
    * (C1) the vector is as long as the row
    * (C2) the kernel counts rows

    Example:
    ```mlir
    %1 = kernel.substitute %0, %tokens token 510 by %v : !kernel.row<64>, !kernel.vector<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$input, Kernel_ListType:$tokens, I64Attr:$token,
                       Kernel_VectorType:$vector);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = [{
    $input `,` $tokens `token` $token `by` $vector attr-dict `:`
    type($input) `,` type($vector)
  }];
}

def Kernel_RmsNormOp : Kernel_BodyOp<"rms_norm", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "root-mean-square normalization of a row";
  let description = [{
    For every stretch of the row that is as wide as the weight:
    `result = input * rsqrt(mean(input * input) + epsilon) * weight`.

    Constraints:
    * (C1) the input is a multiple of the weight wide
    * (C2) `epsilon >= 0`

    Example:
    ```mlir
    %1 = kernel.rms_norm %0, %w epsilon 1.0e-6 : !kernel.row<64>, !kernel.vector<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$input, Kernel_VectorType:$weight,
                       F32Attr:$epsilon);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = [{
    $input `,` $weight `epsilon` $epsilon attr-dict `:` type($input) `,` type($weight)
  }];
}

def Kernel_AddOp : Kernel_MapOp<"add"> {
  let summary = "sum of two rows";
  let description = [{
    `result = lhs + rhs`.

    Example:
    ```mlir
    %2 = kernel.add %0, %1 : !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$lhs, Kernel_RowType:$rhs);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

def Kernel_MulOp : Kernel_MapOp<"mul"> {
  let summary = "product of two rows, element by element";
  let description = [{
    `result = lhs * rhs`.

    Example:
    ```mlir
    %2 = kernel.mul %0, %1 : !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$lhs, Kernel_RowType:$rhs);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

def Kernel_ScaleOp : Kernel_MapOp<"scale"> {
  let summary = "a row times a constant";
  let description = [{
    `result = input * factor`.

    Example:
    ```mlir
    %1 = kernel.scale %0 by 0.5 : !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$input, F32Attr:$factor);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$input `by` $factor attr-dict `:` type($result)";
}

def Kernel_ScaleByOp : Kernel_BodyOp<"scale_by", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "a row times a weight";
  let description = [{
    `result[i] = input[i] * weight[i]`, or `weight[0]` where that is all.

    Constraints:
    * (C1) the weight is 1 wide, or as wide as the input

    Example:
    ```mlir
    %1 = kernel.scale_by %0, %w : !kernel.row<64>, !kernel.vector<1>
    ```
  }];
  let arguments = (ins Kernel_RowType:$input, Kernel_VectorType:$weight);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$input `,` $weight attr-dict `:` type($input) `,` type($weight)";
}

def Kernel_BiasOp : Kernel_BodyOp<"bias", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "a row plus a weight";
  let description = [{
    `result[i] = input[i] + weight[i]`.

    Constraints:
    * (C1) the weight is as wide as the input

    Example:
    ```mlir
    %1 = kernel.bias %0, %w : !kernel.row<64>, !kernel.vector<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$input, Kernel_VectorType:$weight);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$input `,` $weight attr-dict `:` type($input) `,` type($weight)";
}

def Kernel_GeluOp : Kernel_MapOp<"gelu"> {
  let summary = "Gaussian error linear unit of a row";
  let description = [{
    As `gemma.gelu`.

    Example:
    ```mlir
    %1 = kernel.gelu %0 : !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$input);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}

def Kernel_SoftcapOp : Kernel_MapOp<"softcap"> {
  let summary = "smooth bound of a row";
  let description = [{
    `result = cap * tanh(input / cap)`.

    Example:
    ```mlir
    %1 = kernel.softcap %0 at 30.0 : !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$input, F32Attr:$cap);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$input `at` $cap attr-dict `:` type($result)";
}

def Kernel_GaussianTopKOp : Kernel_MapOp<"gaussian_topk"> {
  let summary = "what exceeds an estimate of the top k";
  let description = [{
    As `gemma.gaussian_topk`.

    Example:
    ```mlir
    %1 = kernel.gaussian_topk %0 above 1.6448536 : !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$input, F32Attr:$deviations);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$input `above` $deviations attr-dict `:` type($result)";
}

def Kernel_L2NormOp : Kernel_MapOp<"l2_norm"> {
  let summary = "a row of length one";
  let description = [{
    As `gemma.l2_norm`.

    Example:
    ```mlir
    %1 = kernel.l2_norm %0 : !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$input);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}

def Kernel_MatchRmsOp : Kernel_MapOp<"match_rms"> {
  let summary = "a row as large as another";
  let description = [{
    As `gemma.match_rms`.

    Example:
    ```mlir
    %2 = kernel.match_rms %0, %1 floor 1.0e-5 : !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$input, Kernel_RowType:$target, F32Attr:$floor);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$input `,` $target `floor` $floor attr-dict `:` type($result)";
}

def Kernel_WeightedSumOp : Kernel_BodyOp<"weighted_sum", [Pure]> {
  let summary = "rows weighted by elements of another";
  let description = [{
    `result = sum over n of coefs[from + n] * rows[n]`.

    Constraints:
    * (C1) there is a row, and all rows are as wide as the result
    * (C2) `coefs` holds an element for each row from `from` on

    Example:
    ```mlir
    %3 = kernel.weighted_sum %coefs from 4 of %0, %1 : !kernel.row<16>, !kernel.row<64>, !kernel.row<64> -> !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$coefs, Variadic<Kernel_RowType>:$rows, I64Attr:$from);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = [{
    $coefs `from` $from `of` $rows attr-dict `:` type($coefs) `,` type($rows) `->` type($result)
  }];
}

def Kernel_RopeOp : Kernel_BodyOp<"rope", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "rotation of a row's heads";
  let description = [{
    As `gemma.rope`, for heads of `head_dim` columns.

    Constraints:
    * (C1) the input is a multiple of `head_dim` wide, the table even and not
      wider than a head

    Example:
    ```mlir
    %2 = kernel.rope %0, %1 {head_dim = 64 : i64} : !kernel.row<256>, !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowType:$input, Kernel_RowType:$table, I64Attr:$head_dim);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$input `,` $table attr-dict `:` type($input) `,` type($table)";
}

def Kernel_AppendOp : Kernel_BodyOp<"append",
    [MemoryEffects<[MemRead, MemWrite]>, AllTypesMatch<["key", "value"]>]> {
  let summary = "a row's keys and values to the cache";
  let description = [{
    Writes `heads` heads of `key` and of `value` to the page of the row's
    position, from `offset` on.

    Constraints:
    * (C1) `key` and `value` are equally wide, a multiple of `heads`
    * (C2) `page_tokens` is a positive multiple of 16
    * (C3) the kernel counts rows

    Example:
    ```mlir
    kernel.append %k, %v cache(%pages, %positions, %offset)
      {heads = 2 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>} : !kernel.row<32>
    ```
  }];
  let arguments = (ins
    Kernel_RowType:$key, Kernel_RowType:$value, Kernel_PagesType:$pages,
    Kernel_ListType:$positions, Kernel_OffsetType:$offset,
    I64Attr:$heads, I64Attr:$page_tokens, Kernel_KvFormatAttr:$kv_format);
  let assemblyFormat = [{
    $key `,` $value `cache` `(` $pages `,` $positions `,` $offset `)`
    attr-dict `:` type($key)
  }];
}

def Kernel_AppendValuesOp : Kernel_BodyOp<"append_values",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "a row's values to the cache";
  let description = [{
    As `kernel.append`, to a cache that keeps values only.

    Constraints:
    * (C1) the width of `value` is a multiple of `heads`
    * (C2) `page_tokens` is a positive multiple of 16
    * (C3) the kernel counts rows

    Example:
    ```mlir
    kernel.append_values %v cache(%pages, %positions, %offset)
      {heads = 2 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>} : !kernel.row<32>
    ```
  }];
  let arguments = (ins
    Kernel_RowType:$value, Kernel_PagesType:$pages,
    Kernel_ListType:$positions, Kernel_OffsetType:$offset,
    I64Attr:$heads, I64Attr:$page_tokens, Kernel_KvFormatAttr:$kv_format);
  let assemblyFormat = [{
    $value `cache` `(` $pages `,` $positions `,` $offset `)` attr-dict `:` type($value)
  }];
}

def Kernel_MeanOp : Kernel_BodyOp<"mean", [MemoryEffects<[MemRead]>]> {
  let summary = "the mean of a sequence's rows";
  let description = [{
    The mean of those rows of the step that belong to the sequence of row
    `wanted[unit]`: it is at `positions` and its sequence ends before `ends`.

    Constraints:
    * (C1) the rows are `f32` and as wide as the result
    * (C2) the kernel counts wanted rows

    Example:
    ```mlir
    %0 = kernel.mean %x of(%wanted, %positions, %ends) : !kernel.rows<64 x f32> -> !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$rows, Kernel_ListType:$wanted,
                       Kernel_ListType:$positions, Kernel_ListType:$ends);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = [{
    $rows `of` `(` $wanted `,` $positions `,` $ends `)` attr-dict `:`
    type($rows) `->` type($result)
  }];
}

def Kernel_StoreOp : Kernel_BodyOp<"store", [MemoryEffects<[MemWrite]>]> {
  let summary = "a row into memory, in the format of the place";
  let description = [{
    To `bf16`: rounded to nearest even. To `q8`: each group of 32 elements by
    `scale = max|x| / 127`, `round(x * (127 / max|x|))`, ties to even, or
    0 where `max|x|` is at most 1e-36. Padding becomes zero.

    Constraints:
    * (C1) the place is as wide as the row and not for `keys` or `bits`
    * (C2) the kernel counts rows

    Example:
    ```mlir
    kernel.store %0, %y : !kernel.row<64>, !kernel.rows<64 x q8>
    ```
  }];
  let arguments = (ins Kernel_RowType:$row, Kernel_RowsType:$rows);
  let assemblyFormat = "$row `,` $rows attr-dict `:` type($row) `,` type($rows)";
}

def Kernel_RopeTableOp : Kernel_BodyOp<"rope_table", [MemoryEffects<[MemRead]>]> {
  let summary = "cosines and sines of a row's angles";
  let description = [{
    `a = f32(positions[unit] + ahead) * frequencies[j]`; `result[j] = cos(a)`,
    `result[j + width / 2] = sin(a)`.

    Constraints:
    * (C1) the result is twice as wide as the frequencies
    * (C2) the kernel counts rows

    Example:
    ```mlir
    %0 = kernel.rope_table %positions, %f : !kernel.vector<32> -> !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_ListType:$positions, Kernel_VectorType:$frequencies,
                       DefaultValuedAttr<I64Attr, "0">:$ahead);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = [{
    $positions `,` $frequencies (`ahead` $ahead^)? attr-dict `:` type($frequencies) `->` type($result)
  }];
}

//===----------------------------------------------------------------------===//
// Experts
//===----------------------------------------------------------------------===//

def Kernel_RouteOp : Kernel_BodyOp<"route", [MemoryEffects<[MemWrite]>]> {
  let summary = "the experts of a row";
  let description = [{
    As `gemma.route`, with one score and one scale for each expert.

    Constraints:
    * (C1) scores and scales are as many as the experts
    * (C2) the kernel counts rows

    Example:
    ```mlir
    kernel.route %0, %scales to %routing : !kernel.row<128>, !kernel.vector<128>, !kernel.routing<128 top 8>
    ```
  }];
  let arguments = (ins Kernel_RowType:$scores, Kernel_VectorType:$scales,
                       Kernel_RoutingType:$routing);
  let assemblyFormat = [{
    $scores `,` $scales `to` $routing attr-dict `:`
    type($scores) `,` type($scales) `,` type($routing)
  }];
}

def Kernel_GroupOp : Kernel_BodyOp<"group", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "the places of all routed rows, expert by expert";
  let description = [{
    Gives the rows of the first expert the first places, in order, and so on.
    `rows` says how many rows there are.

    Constraints:
    * (C1) the kernel has one unit and one slice

    Example:
    ```mlir
    kernel.group %routing rows <row> : !kernel.routing<128 top 8>
    ```
  }];
  let arguments = (ins Kernel_RoutingType:$routing, Kernel_GridUnitAttr:$rows);
  let assemblyFormat = "$routing `rows` $rows attr-dict `:` type($routing)";
}

def Kernel_ScatterOp : Kernel_BodyOp<"scatter", [MemoryEffects<[MemWrite]>]> {
  let summary = "a row to its experts";
  let description = [{
    Stores the row, as `kernel.store` does, at each of its places.

    Constraints:
    * (C1) the rows are as wide as the row and not `dense`, `keys` or `bits`
    * (C2) the kernel counts rows

    Example:
    ```mlir
    kernel.scatter %0 to %y by %routing : !kernel.row<64>, !kernel.rows<64 x q8>, !kernel.routing<128 top 8>
    ```
  }];
  let arguments = (ins Kernel_RowType:$row, Kernel_RowsType:$rows,
                       Kernel_RoutingType:$routing);
  let assemblyFormat = [{
    $row `to` $rows `by` $routing attr-dict `:`
    type($row) `,` type($rows) `,` type($routing)
  }];
}

def Kernel_CombineOp : Kernel_BodyOp<"combine", [MemoryEffects<[MemRead]>]> {
  let summary = "what the experts made of a row";
  let description = [{
    The sum of the rows at its places, each times its share.

    Constraints:
    * (C1) the rows are `f32` and as wide as the result
    * (C2) the kernel counts rows

    Example:
    ```mlir
    %0 = kernel.combine %x by %routing : !kernel.rows<64 x f32>, !kernel.routing<128 top 8> -> !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$rows, Kernel_RoutingType:$routing);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = [{
    $rows `by` $routing attr-dict `:` type($rows) `,` type($routing) `->` type($result)
  }];
}

def Kernel_SpreadOp : Kernel_BodyOp<"spread", [MemoryEffects<[MemRead]>]> {
  let summary = "what the experts made of a row, at places of their own";
  let description = [{
    With `n` columns of `rows` and `e` the expert of one of the row's places,
    `result[order[e n + j]]` is column `j` of the row at that place. All else is
    the smallest of these less one.

    Constraints:
    * (C1) the rows are `f32`
    * (C2) the order, and the result, is as long as the rows of all experts
      together are wide
    * (C3) the kernel counts rows

    Example:
    ```mlir
    %0 = kernel.spread %x, %order by %routing : !kernel.rows<16 x f32>, !kernel.vector<512>, !kernel.routing<32 top 4> -> !kernel.row<512>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$rows, Kernel_VectorType:$order,
                       Kernel_RoutingType:$routing);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = [{
    $rows `,` $order `by` $routing attr-dict `:` type($rows) `,` type($order) `,`
    type($routing) `->` type($result)
  }];
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

def Kernel_MatmulOp : Kernel_BodyOp<"matmul", [AttrSizedOperandSegments]> {
  let summary = "all rows times 64 rows of a packed matrix";
  let description = [{
    Slice `s` computes `y[r, o] = dot(input[r], weight[o])` for all rows `r` of
    `input` and `64 s <= o < 64 s + 64`, and stores it to `result` after the
    epilogue: `softcap c`: `c * tanh(y / c)`; `gelu_mul`:
    `gelu(y[r, 2i]) * y[r, 2i + 1]`, half as wide. `rows` says how many rows
    there are: those of the step, or the wanted ones.

    Of a weight in `planes` the upper plane is summed first, as if the lower
    halves of all bytes were 8, then, going on from that sum, their differences
    from 8. With `upper` the first of these sums is the result, an estimate.

    With `routing` the rows of `input` and `result` are those that experts got,
    `weight` is a stack, and the slices of expert `e` multiply its rows by
    matrix `e`.

    With `among` the columns of a row that its bits leave out are no numbers;
    panels that all rows leave out are not multiplied.

    Sums run over the columns in one order that depends on the formats and the
    target alone, so that a row's result does not depend on its neighbours, not
    even where many rows take another path (tiles) than few. Targets differ in
    bf16 alone, by the order in which float32 sums are rounded: integers are
    summed exactly within a group, and groups are added from left to right. The
    last slice writes the padding of a row, too.

    Constraints:
    * (C1) the input is as wide as the weight
    * (C2) the input is `f32` for a weight in `f32`, `bf16` for `bf16`, `q8` for
      `int8`, `int4` and `planes`
    * (C3) the result is as wide as the weight has rows, or half as wide with
      `gelu_mul`, and not for `keys` or `bits`
    * (C4) `rows` is `row` or `wanted`
    * (C5) the kernel has one unit, and slices for the padded result: one for
      each 64 rows of the weight, for each matrix of a stack
    * (C6) `softcap > 0`, and only with the epilogue `none`
    * (C7) the weight is a stack for each expert of `routing`, or one matrix
    * (C8) `upper` only with a weight in `planes`
    * (C9) `among` are `bits`, as many as the result is wide, with wanted rows,
      one matrix and the epilogue `none`

    Example:
    ```mlir
    kernel.matmul %x, %w to %y rows <row> epilogue <gelu_mul> : !kernel.rows<64 x q8>, !kernel.weight<256 x 64 x int4> to !kernel.rows<128 x q8>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$input, Kernel_WeightType:$weight,
                       Kernel_RowsType:$result, Kernel_GridUnitAttr:$rows,
                       Kernel_EpilogueAttr:$epilogue, OptionalAttr<F32Attr>:$softcap,
                       Optional<Kernel_RoutingType>:$routing,
                       Optional<Kernel_RowsType>:$among, UnitAttr:$upper);
  let assemblyFormat = [{
    $input `,` $weight (`upper` $upper^)? `to` $result `rows` $rows `epilogue` $epilogue
    (`softcap` $softcap^)? (`experts` $routing^ `:` type($routing))?
    (`among` $among^ `:` type($among))? attr-dict `:` type($input) `,` type($weight) `to` type($result)
  }];
}

//===----------------------------------------------------------------------===//
// The best logits
//===----------------------------------------------------------------------===//

def Kernel_PeaksOp : Kernel_BodyOp<"peaks", [AttrSizedOperandSegments]> {
  let summary = "the best of each lane of a stretch of logits";
  let description = [{
    Slice `s` of a row goes through columns `4096 s` to `4096 s + 4095`, and
    `result[16 s + l]` is the key of a greatest logit of those in lane `l`,
    columns that are `l` modulo 16. The `n`-th best of all is no better than the
    `n`-th best logit of the row, and seldom much worse.

    With `refined` the logits are estimates, products of rows and the `upper`
    plane of a weight. Keys are those of the logits themselves, after `softcap`.

    Constraints:
    * (C1) the logits are `f32`, the result is `keys`
    * (C2) the kernel counts wanted rows and has a slice for each 4096 columns
    * (C3) the result has 16 columns for each slice
    * (C4) the rows are `q8`, the weight `planes`, both as wide, with a row for
      each logit
    * (C5) `softcap > 0`, and only with `refined`

    Example:
    ```mlir
    kernel.peaks %x to %y : !kernel.rows<5000 x f32> to !kernel.rows<32 x keys>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$logits, Kernel_RowsType:$result,
                       Optional<Kernel_RowsType>:$rows,
                       Optional<Kernel_WeightType>:$weight,
                       OptionalAttr<F32Attr>:$softcap);
  let assemblyFormat = [{
    $logits (`refined` `(` $rows^ `,` $weight `:` type($rows) `,` type($weight) `)`)?
    (`softcap` $softcap^)? `to` $result attr-dict `:` type($logits) `to` type($result)
  }];
}

def Kernel_BestOp : Kernel_BodyOp<"best"> {
  let summary = "the greatest keys of a row";
  let description = [{
    The result holds the greatest keys of the row in descending order.

    Constraints:
    * (C1) input and result are `keys`
    * (C2) the result has 64 columns
    * (C3) the kernel counts wanted rows, with one slice for each

    Example:
    ```mlir
    kernel.best %x to %y : !kernel.rows<1024 x keys> to !kernel.rows<64 x keys>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$input, Kernel_RowsType:$result);
  let assemblyFormat = [{
    $input `to` $result attr-dict `:` type($input) `to` type($result)
  }];
}

def Kernel_ContendersOp : Kernel_BodyOp<"contenders", [AttrSizedOperandSegments]> {
  let summary = "the best logits of a stretch";
  let description = [{
    Of columns `4096 s` to `4096 s + 4095` of a row slice `s` finds the best, as
    many as the run asks for, unless they are below the last of as many in
    `threshold`. Their keys are columns `64 s` to `64 s + 63` of the result, in
    descending order.

    With `refined` the logits are estimates, as of `kernel.peaks`. A logit `y` with
    the estimate `c` satisfies `|y - c| <= norm * |x| + r |c|` (Cauchy and
    Schwarz), where `norm` is that of the weight's row, `|x|` is that of the row
    of activations, and `r` covers the rounding of sums. Lower halves are read
    where `c` plus that bound reaches the threshold.

    Constraints:
    * (C1) the logits are `f32`, threshold and result `keys`
    * (C2) the kernel counts wanted rows and has a slice for each 4096 columns
    * (C3) the threshold has 64 columns, the result 64 for each slice
    * (C4) the rows are `q8`, the weight `planes`, both as wide, with a row for
      each logit
    * (C5) `softcap > 0`, and only with `refined`

    Example:
    ```mlir
    kernel.contenders %x above %t to %y : !kernel.rows<5000 x f32>, !kernel.rows<64 x keys> to !kernel.rows<128 x keys>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$logits, Kernel_RowsType:$threshold,
                       Kernel_RowsType:$result, Optional<Kernel_RowsType>:$rows,
                       Optional<Kernel_WeightType>:$weight,
                       OptionalAttr<F32Attr>:$softcap);
  let assemblyFormat = [{
    $logits (`refined` `(` $rows^ `,` $weight `:` type($rows) `,` type($weight) `)`)?
    (`softcap` $softcap^)? `above` $threshold `to` $result attr-dict `:`
    type($logits) `,` type($threshold) `to` type($result)
  }];
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

def Kernel_AttentionOp : Kernel_BodyOp<"attention", [AttrSizedOperandSegments]> {
  let summary = "attention of a block of rows, one key head";
  let description = [{
    Slice `s`: block `s / kv_heads`, key head `s % kv_heads`; with `wanted`
    instead of `blocks` the wanted row `s / kv_heads` alone. A score is
    `s = scale * dot(query, key)`, or with `softcap c` `c * tanh(s / c)`. A query
    at position `p` sees keys up to its own, from `p - window + 1` on, or all
    with a `window` of 0. With `ends` it sees all before the end of its
    sequence, up to `p + ahead` if there is a window. All keys before the end of
    `source`, which is in pages of its own, are seen besides.

    Page `n` of a sequence belongs to strand `n % 8`. The pages of a strand are
    gone through in order with a running maximum and sum (Milakov and Gimelshein
    2018; Dao et al. 2022), as if there were no other keys; then the strands are
    merged in order. With `strands` a slice is one strand, `s % 8`, of what
    `s / 8` is above, and strand `n` of row `r` goes to row `8 r + n` of the
    result: of each head the sum of weighted values, then of each the maximum,
    then of each the sum of weights; `merge_strands` makes rows of these. So a
    result depends neither on the block that a row is in nor on how many slices
    computed it.

    With the `kv_format` `int8` the query is rounded to eight bits, too, with one
    scale for each head, so that scores are sums of integers.

    With `keys` the cache keeps values only. The key at position `t` is the
    value times `key_weight`; its columns `j < pairs` and `j` behind as many as
    there are `frequencies` are turned against each other by
    `t * frequencies[j]`.

    Constraints:
    * (C1) `query` is `f32`; `result` is, too, or `bf16` or `q8` when `head_dim`
      is a multiple of 32, whole groups
    * (C2) `query` and `result` are `heads` heads wide; with `strands` the result
      is `f32` and wider by two numbers for each head
    * (C3) `heads` is a positive multiple of `kv_heads`
    * (C4) `page_tokens` is a positive multiple of 16
    * (C5) `window >= 0`, `ahead >= 0`
    * (C6) `softcap > 0`
    * (C7) the kernel counts blocks, or wanted rows with `wanted`, and has
      `kv_heads` slices, or 8 times as many with `strands`
    * (C8) `key_weight` is as long as a head, `frequencies` at most half as
      long, and `pairs` are at most as many as these

    Example:
    ```mlir
    kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
      {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
      : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
    ```
  }];
  let arguments = (ins
    Kernel_RowsType:$query, Kernel_RowsType:$result, Kernel_ListType:$list,
    Kernel_ListType:$positions, Optional<Kernel_ListType>:$ends,
    Kernel_PagesType:$pages, Kernel_OffsetType:$offset,
    Optional<Kernel_PagesType>:$source_pages,
    Optional<Kernel_OffsetType>:$source_offset,
    Optional<Kernel_ListType>:$source_ends,
    Optional<Kernel_VectorType>:$key_weight,
    Optional<Kernel_VectorType>:$frequencies, OptionalAttr<I64Attr>:$pairs,
    I64Attr:$heads, I64Attr:$kv_heads, I64Attr:$head_dim, F32Attr:$scale,
    I64Attr:$window, DefaultValuedAttr<I64Attr, "0">:$ahead,
    OptionalAttr<F32Attr>:$softcap, I64Attr:$page_tokens,
    Kernel_KvFormatAttr:$kv_format, UnitAttr:$wanted, UnitAttr:$strands);
  let assemblyFormat = [{
    $query `to` (`strands` $strands^)? $result (`wanted` $wanted^):(`blocks`)? `(` $list `,` $positions `)`
    (`ends` `(` $ends^ `)`)? `cache` `(` $pages `,` $offset `)`
    (`keys` `(` $key_weight^ `,` $frequencies `,` $pairs `:` type($key_weight) `,` type($frequencies) `)`)?
    (`source` `(` $source_pages^ `,` $source_offset `,` $source_ends `)`)? attr-dict `:`
    type($query) `to` type($result)
  }];
}

def Kernel_MergeStrandsOp : Kernel_BodyOp<"merge_strands", [MemoryEffects<[MemRead]>]> {
  let summary = "a row of attention from its strands";
  let description = [{
    Rows `8 unit` to `8 unit + 7` are what `kernel.attention` leaves with
    `strands`. From the first to the last, with `m` the greater maximum:
    `weighted = weighted * exp(maximum - m) + weighted' * exp(maximum' - m)`, and
    likewise the sums of weights, by which the result is divided in the end.

    Constraints:
    * (C1) the rows are `f32`
    * (C2) the width of the result is a multiple of `heads`, and the rows are
      wider by two numbers for each head
    * (C3) the kernel counts rows

    Example:
    ```mlir
    %0 = kernel.merge_strands %x {heads = 4 : i64} : !kernel.rows<72 x f32> -> !kernel.row<64>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$strands, I64Attr:$heads);
  let results = (outs Kernel_RowType:$result);
  let assemblyFormat = "$strands attr-dict `:` type($strands) `->` type($result)";
}

//===----------------------------------------------------------------------===//
// Recurrence
//===----------------------------------------------------------------------===//

def Kernel_BlockLinearOp : Kernel_BodyOp<"block_linear"> {
  let summary = "all rows times one of the blocks on a matrix's diagonal";
  let description = [{
    Slice `b` computes the columns of stretch `b` of `result` as
    `gemma.block_linear` does; the last slice writes the padding of a row, too.
    `rows` says how many rows there are: those of the step, or the wanted ones.

    Constraints:
    * (C1) input and result are `f32`
    * (C2) the input is as wide as the weight has rows, a multiple of the slices
    * (C3) the result is as wide as the columns of the weight, times the slices
    * (C4) the kernel has one unit
    * (C5) `rows` is `row` or `wanted`

    Example:
    ```mlir
    kernel.block_linear %x, %w to %y rows <row> : !kernel.rows<64 x f32>, !kernel.table<64 x 16 x bf16> to !kernel.rows<64 x f32>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$input, Kernel_TableType:$weight,
                       Kernel_RowsType:$result, Kernel_GridUnitAttr:$rows);
  let assemblyFormat = [{
    $input `,` $weight `to` $result `rows` $rows attr-dict `:`
    type($input) `,` type($weight) `to` type($result)
  }];
}

def Kernel_CausalConvOp : Kernel_BodyOp<"causal_conv",
    [AllTypesMatch<["input", "result"]>]> {
  let summary = "64 columns of all rows, each convolved with its past";
  let description = [{
    Slice `s` computes columns `64 s` to `64 s + 63` as `gemma.causal_conv` does,
    row after row. The last rows of a sequence are on its page from `offset` on,
    those of padded columns, too; at position 0 they count as zeros.

    Constraints:
    * (C1) input and result are `f32` and of one type
    * (C2) the bias is as wide, the weight a multiple of it, at least twice
    * (C3) the kernel has one unit and a slice for each 64 columns

    Example:
    ```mlir
    kernel.causal_conv %x, %w, %b to %y state(%pages, %positions, %offset) : !kernel.rows<64 x f32>, !kernel.vector<256>, !kernel.vector<64>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$input, Kernel_VectorType:$weight,
                       Kernel_VectorType:$bias, Kernel_RowsType:$result,
                       Kernel_PagesType:$pages, Kernel_ListType:$positions,
                       Kernel_OffsetType:$offset);
  let assemblyFormat = [{
    $input `,` $weight `,` $bias `to` $result
    `state` `(` $pages `,` $positions `,` $offset `)` attr-dict `:`
    type($result) `,` type($weight) `,` type($bias)
  }];
}

def Kernel_RgLruOp : Kernel_BodyOp<"rg_lru",
    [AllTypesMatch<["input", "input_gate", "recurrence_gate", "result"]>]> {
  let summary = "64 columns of all rows of a recurrent unit";
  let description = [{
    Slice `s` computes columns `64 s` to `64 s + 63` as `gemma.rg_lru` does, row
    after row. The state of a sequence is on its page from `offset` on.

    Constraints:
    * (C1) input, gates and result are `f32` and of one type
    * (C2) the rate is as wide
    * (C3) the kernel has one unit and a slice for each 64 columns

    Example:
    ```mlir
    kernel.rg_lru %x, %i, %r, %rate to %y state(%pages, %positions, %offset) : !kernel.rows<64 x f32>, !kernel.vector<64>
    ```
  }];
  let arguments = (ins Kernel_RowsType:$input, Kernel_RowsType:$input_gate,
                       Kernel_RowsType:$recurrence_gate, Kernel_VectorType:$rate,
                       Kernel_RowsType:$result, Kernel_PagesType:$pages,
                       Kernel_ListType:$positions, Kernel_OffsetType:$offset);
  let assemblyFormat = [{
    $input `,` $input_gate `,` $recurrence_gate `,` $rate `to` $result
    `state` `(` $pages `,` $positions `,` $offset `)` attr-dict `:`
    type($result) `,` type($rate)
  }];
}

//===----------------------------------------------------------------------===//
// What a machine can do
//===----------------------------------------------------------------------===//

def Kernel_ReadOp : Kernel_BodyOp<"read"> {
  let summary = "reads a stretch of a packed matrix and computes nothing";
  let description = [{
    Slice `s` reads bytes `65536 s` to `65536 s + 65535` as products do, as far
    as there are any. How long it takes is the limit of what reads weights.

    Constraints:
    * (C1) the kernel has one unit, and at most as many slices as the weight has
      stretches

    Example:
    ```mlir
    kernel.read %w : !kernel.weight<4096 x 64 x int4>
    ```
  }];
  let arguments = (ins Kernel_WeightType:$weight);
  let assemblyFormat = "$weight attr-dict `:` type($weight)";
}

def Kernel_MultiplyOp : Kernel_BodyOp<"multiply"> {
  let summary = "multiplies as fast as registers allow";
  let description = [{
    A slice does 3 * 2^22 operations, as inner products with weights in `format`
    do them, on numbers that are in the first cache level and in registers. How
    long it takes is the limit of what computes.

    Constraints:
    * (C1) the kernel has one unit

    Example:
    ```mlir
    kernel.multiply <int8>
    ```
  }];
  let arguments = (ins Kernel_WeightFormatAttr:$format);
  let assemblyFormat = "$format attr-dict";
}

#endif // DIALECTS_KERNEL_KERNELOPS_TD
