//===- PlanOps.td - The plan dialect --------------------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DIALECTS_PLAN_PLANOPS_TD
#define DIALECTS_PLAN_PLANOPS_TD

include "dialects/gemma/GemmaDialect.td"
include "dialects/kernel/KernelDialect.td"
include "dialects/plan/PlanEnums.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Plan_Dialect : Dialect {
  let name = "plan";
  let cppNamespace = "::lapidary::plan";
  let summary = "When and where kernels run";
  let description = [{
    A `plan.program` is what the artifact stores and the executor runs: a
    straight list of dispatches over places in memory. The operations before
    them name these places: buffers of the arena, packed weights with their
    recipe in `gemma` operations, lists of the step, pages of a cache.
  }];
  let useDefaultAttributePrinterParser = 1;
  // Types of places, and weight operations.
  let dependentDialects = ["::lapidary::gemma::GemmaDialect",
                           "::lapidary::kernel::KernelDialect"];
}

class Plan_Op<string mnemonic, list<Trait> traits = []>
    : Op<Plan_Dialect, mnemonic, traits>;

def Plan_StepListAttr : EnumAttr<Plan_Dialect, Plan_StepList, "step_list"> {
  let assemblyFormat = "`<` $value `>`";
}

def Plan_PurposeAttr : EnumAttr<Plan_Dialect, Plan_Purpose, "purpose"> {
  let assemblyFormat = "`<` $value `>`";
}

def Plan_CacheOp : Plan_Op<"cache", [Symbol]> {
  let summary = "layers that share pages of the KV cache";
  let description = [{
    Layers with one window see the same stretch of the past. `page_bytes` are
    those of all these layers for `page_tokens` positions; with `source` of what
    an encoder reads. Where `page_tokens` is 0, a page holds what these layers
    remember of a sequence, however long it is. Pages are smaller by
    `saved_bytes` as keys of some layers follow from values.

    Constraints:
    * (C1) `window >= 0`; 0 is the whole past
    * (C2) `page_tokens` is a multiple of 16 and at least 0
    * (C3) `page_bytes >= 0`, `saved_bytes >= 0`

    Example:
    ```mlir
    plan.cache @window_512 {window = 512 : i64, page_tokens = 64 : i64, page_bytes = 4096 : i64}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$window,
                       I64Attr:$page_tokens, I64Attr:$page_bytes,
                       UnitAttr:$source,
                       DefaultValuedAttr<I64Attr, "0">:$saved_bytes);
  let assemblyFormat = "$sym_name attr-dict";
  let hasVerifier = 1;
}

def Plan_ProgramOp : Plan_Op<"program",
    [Symbol, IsolatedFromAbove, SingleBlock, NoTerminator]> {
  let summary = "a straight list of dispatches that computes a step";
  let description = [{
    For steps of `min_rows` to `max_rows` rows of `function`, by default the one
    that the program is called after. Attention takes at most `block_rows`
    consecutive rows at once. `arena_bytes` is set when buffers are placed. A
    `limit` computes no step: how long it takes tells what the machine can do at
    best.

    Constraints:
    * (C1) `0 < min_rows <= max_rows`
    * (C2) `0 < block_rows`
    * (C3) the body holds dispatches, places (the other operations of this
      dialect) and weight operations of `gemma`, and has no arguments
    * (C4) placed buffers end within `arena_bytes`

    Example:
    ```mlir
    plan.program @text rows(1, 256) block(16) arena(65536) {
      %x = plan.buffer "embed" at 0 : !kernel.rows<64 x f32>
      %y = plan.result : !kernel.rows<64 x dense>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$min_rows,
                       I64Attr:$max_rows, I64Attr:$block_rows,
                       OptionalAttr<I64Attr>:$arena_bytes, UnitAttr:$limit,
                       OptionalAttr<StrAttr>:$function);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name (`limit` $limit^)? (`of` $function^)? `rows` `(` $min_rows `,` $max_rows `)` `block` `(` $block_rows `)`
    (`arena` `(` $arena_bytes^ `)`)? attr-dict-with-keyword $body
  }];
  let extraClassDeclaration = [{
    /// The name of the function that the program is of.
    ::llvm::StringRef getFunctionName() {
      return getFunction().value_or(getSymName());
    }
  }];
  let hasVerifier = 1;
}

def Plan_BufferOp : Plan_Op<"buffer"> {
  let summary = "rows in the arena, or a routing";
  let description = [{
    `max_rows` rows, or `times` as many, or only `few`; `offset` is set by
    `plan-place-buffers`.

    Constraints:
    * (C1) the rows are not `dense`
    * (C2) `offset` is a multiple of 64 and at least 0
    * (C3) `times > 0`
    * (C4) `few > 0`

    Example:
    ```mlir
    %x = plan.buffer "embed" at 4096 : !kernel.rows<64 x f32>
    ```
  }];
  let arguments = (ins StrAttr:$name, OptionalAttr<I64Attr>:$offset,
                       DefaultValuedAttr<I64Attr, "1">:$times,
                       OptionalAttr<I64Attr>:$few);
  let results = (outs AnyTypeOf<[Kernel_RowsType, Kernel_RoutingType]>:$result);
  let assemblyFormat = [{
    $name (`times` $times^)? (`few` $few^)? (`at` $offset^)? attr-dict `:` type($result)
  }];
  let extraClassDeclaration = [{
    /// Bytes that the buffer takes for steps of up to `rows` rows.
    int64_t getBytes(int64_t rows);
  }];
  let hasVerifier = 1;
}

def Plan_InputOp : Plan_Op<"input", [Pure]> {
  let summary = "rows that the caller gives";
  let description = [{
    What the function takes besides tokens, counted from 0: one row for each row
    of the step, with padding, which is zero.

    Constraints:
    * (C1) `number >= 0`
    * (C2) the rows are `f32`

    Example:
    ```mlir
    %x = plan.input 0 : !kernel.rows<64 x f32>
    ```
  }];
  let arguments = (ins I64Attr:$number);
  let results = (outs Kernel_RowsType:$result);
  let assemblyFormat = "$number attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Plan_ResultOp : Plan_Op<"result", [Pure]> {
  let summary = "where the caller wants a result";
  let description = [{
    The result of the function with that number, counted from 0: logits, an
    embedding, states. One row for each wanted row of the step, without padding.

    Constraints:
    * (C1) the rows are `dense`
    * (C2) `number >= 0`

    Example:
    ```mlir
    %y = plan.result 0 : !kernel.rows<515 x dense>
    ```
  }];
  let arguments = (ins I64Attr:$number);
  let results = (outs Kernel_RowsType:$result);
  let assemblyFormat = "$number attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Plan_BestOp : Plan_Op<"best", [Pure]> {
  let summary = "where the caller wants the best logits";
  let description = [{
    The keys of the best of result 0, as many as the run asks for, in descending
    order. One row for each wanted row of the step, of which there are few then:
    at most as many as the buffers have that lead here.

    Constraints:
    * (C1) the rows are `keys`

    Example:
    ```mlir
    %y = plan.best : !kernel.rows<64 x keys>
    ```
  }];
  let results = (outs Kernel_RowsType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Plan_AllowedOp : Plan_Op<"allowed", [Pure]> {
  let summary = "which logits may be among the best";
  let description = [{
    A bit for each column of result 0, one row for each row of `plan.best`.

    Constraints:
    * (C1) the rows are `bits`

    Example:
    ```mlir
    %m = plan.allowed : !kernel.rows<262144 x bits>
    ```
  }];
  let results = (outs Kernel_RowsType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Plan_PackOp : Plan_Op<"pack", [Pure]> {
  let summary = "a weight in its packed layout";
  let description = [{
    `source` is a chain of `gemma` weight operations down to parameters: the
    recipe that the artifact writer follows. `offset`, in the weights section,
    is set by `plan-place-weights`.

    Constraints:
    * (C1) the result has the shape of the source; matrices of a stack lie below
      each other; a matrix may also be the first rows and columns of the source
    * (C2) a matrix or table in `!gemma.quant` is packed as `int8` or `int4`, one
      in bf16 as `bf16`, any other as `f32`; a matrix of `int8` also as `planes`
    * (C3) `offset` is a multiple of 64 and at least 0

    Example:
    ```mlir
    %w = gemma.weight @head : tensor<512x64xbf16>
    %p = plan.pack %w at 4096 : tensor<512x64xbf16> -> !kernel.weight<512 x 64 x bf16>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source, OptionalAttr<I64Attr>:$offset);
  let results = (outs AnyTypeOf<[Kernel_WeightType, Kernel_TableType,
                                   Kernel_VectorType]>:$result);
  let assemblyFormat = [{
    $source (`at` $offset^)? attr-dict `:` type($source) `->` type($result)
  }];
  let extraClassDeclaration = [{
    /// The layout of the whole source.
    ::mlir::Type getStoredType();
  }];
  let hasVerifier = 1;
}

def Plan_RopeFrequenciesOp : Plan_Op<"rope_frequencies", [Pure]> {
  let summary = "rotation frequencies as a weight";
  let description = [{
    `f[j] = f32(1 / f32(base^(2j / D))) / factor` for `j < pairs`, 0 for
    `pairs <= j < D / 2`, `D / 2` the width of the result.

    Constraints:
    * (C1) `base > 0`, `factor > 0`
    * (C2) `offset` is a multiple of 64 and at least 0
    * (C3) `0 <= pairs <= D / 2`

    Example:
    ```mlir
    %f = plan.rope_frequencies base 1.0e4 factor 1.0 pairs 32 at 4096 : !kernel.vector<32>
    ```
  }];
  let arguments = (ins F32Attr:$base, F32Attr:$factor, I64Attr:$pairs,
                       OptionalAttr<I64Attr>:$offset);
  let results = (outs Kernel_VectorType:$result);
  let assemblyFormat = [{
    `base` $base `factor` $factor `pairs` $pairs (`at` $offset^)? attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Plan_StepListOp : Plan_Op<"step", [Pure]> {
  let summary = "a table that the runtime fills for each step";
  let description = [{
    * `tokens`, `positions`: for each row.
    * `ends`: for each row the position behind the last one that its sequence has
      in this step.
    * `source_ends`: for each row how many positions an encoder has read for its
      sequence.
    * `blocks`: for each block the first of its rows and their number.
    * `wanted`: the rows whose logits are wanted.

    Example:
    ```mlir
    %t = plan.step <tokens>
    ```
  }];
  let arguments = (ins Plan_StepListAttr:$list);
  let results = (outs Kernel_ListType:$result);
  let assemblyFormat = "$list attr-dict";
}

def Plan_PagesOp : Plan_Op<"pages",
    [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "page tables of a cache";
  let description = [{
    Constraints:
    * (C1) `cache` names a `plan.cache`

    Example:
    ```mlir
    %p = plan.pages @window_512
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache);
  let results = (outs Kernel_PagesType:$result);
  let assemblyFormat = "$cache attr-dict";
}

def Plan_OffsetOp : Plan_Op<"offset"> {
  let summary = "where in a page a layer's part begins, or columns in a row";
  let description = [{
    Equal offsets stay apart, or kernels would depend on which happen to be.

    Constraints:
    * (C1) `value >= 0`

    Example:
    ```mlir
    %o = plan.offset 32768
    ```
  }];
  let arguments = (ins I64Attr:$value);
  let results = (outs Kernel_OffsetType:$result);
  let assemblyFormat = "$value attr-dict";
  let hasVerifier = 1;
}

def Plan_DispatchOp : Plan_Op<"dispatch",
    [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "one kernel over its grid";
  let description = [{
    Begins when the dispatch before it has ended. `label` is for people. A run
    gives all logits of its wanted rows or the best; what is `for` the other is
    left out.

    Constraints:
    * (C1) `kernel` names a `kernel.func` whose arguments have the operands'
      types

    Example:
    ```mlir
    plan.dispatch @embed_64(%t, %p, %x) "embed" : !kernel.list, !kernel.weight<512 x 64 x bf16>, !kernel.rows<64 x f32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyType>:$operands,
                       StrAttr:$label, OptionalAttr<Plan_PurposeAttr>:$purpose);
  let assemblyFormat = [{
    $kernel `(` $operands `)` $label (`for` $purpose^)? attr-dict (`:` type($operands)^)?
  }];
}

#endif // DIALECTS_PLAN_PLANOPS_TD
