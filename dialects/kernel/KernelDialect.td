//===- KernelDialect.td - The kernel dialect and its types ---*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DIALECTS_KERNEL_KERNELDIALECT_TD
#define DIALECTS_KERNEL_KERNELDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::lapidary::kernel";
  let summary = "What computes, independent of machine";
  let description = [{
    A `kernel.func` computes one slice of a grid; slices are independent of each
    other. Its arguments are places in memory with a layout: rows of
    activations, packed weights, pages of the KV cache, lists of the step. Which
    buffer, weight or layer they are is the business of `plan`.

    Row kernels (`unit(row)`, `unit(wanted)`) take one row through `load`,
    arithmetic and `store`; its values are whole rows in float32. Products and
    attention are one operation each, with everything that happens around the
    inner loop in their attributes. A target expands these operations; the
    layouts are in Layouts.h.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

class Kernel_Type<string name, string typeMnemonic>
    : TypeDef<Kernel_Dialect, name> {
  let mnemonic = typeMnemonic;
}

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

def Kernel_RowFormat : I32EnumAttr<"RowFormat", "how an activation row is stored", [
    I32EnumAttrCase<"F32", 0, "f32">,
    I32EnumAttrCase<"BF16", 1, "bf16">,
    I32EnumAttrCase<"Q8", 2, "q8">,
    I32EnumAttrCase<"Dense", 3, "dense">,
    I32EnumAttrCase<"Keys", 4, "keys">,
    I32EnumAttrCase<"Bits", 5, "bits">]> {
  let cppNamespace = "::lapidary::kernel";
  let genSpecializedAttr = 0;
}

def Kernel_WeightFormat : I32EnumAttr<"WeightFormat", "how a packed matrix is stored", [
    I32EnumAttrCase<"F32", 0, "f32">,
    I32EnumAttrCase<"BF16", 1, "bf16">,
    I32EnumAttrCase<"Int8", 2, "int8">,
    I32EnumAttrCase<"Int4", 3, "int4">,
    I32EnumAttrCase<"Planes", 4, "planes">]> {
  let cppNamespace = "::lapidary::kernel";
  let genSpecializedAttr = 0;
}

def Kernel_KvFormat : I32EnumAttr<"KvFormat", "how keys and values are stored", [
    I32EnumAttrCase<"F32", 0, "f32">,
    I32EnumAttrCase<"BF16", 1, "bf16">,
    I32EnumAttrCase<"Int8", 2, "int8">]> {
  let cppNamespace = "::lapidary::kernel";
  let genSpecializedAttr = 0;
}

def Kernel_GridUnit : I32EnumAttr<"GridUnit", "what a grid counts", [
    I32EnumAttrCase<"One", 0, "one">,
    I32EnumAttrCase<"Row", 1, "row">,
    I32EnumAttrCase<"Block", 2, "block">,
    I32EnumAttrCase<"Wanted", 3, "wanted">]> {
  let cppNamespace = "::lapidary::kernel";
  let genSpecializedAttr = 0;
}

def Kernel_Epilogue : I32EnumAttr<"Epilogue", "what happens to a product", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"GeluMul", 1, "gelu_mul">]> {
  let cppNamespace = "::lapidary::kernel";
  let genSpecializedAttr = 0;
}

class Kernel_EnumAttr<EnumAttrInfo info, string mnemonic>
    : EnumAttr<Kernel_Dialect, info, mnemonic> {
  let assemblyFormat = "`<` $value `>`";
}
def Kernel_KvFormatAttr : Kernel_EnumAttr<Kernel_KvFormat, "kv_format">;
def Kernel_WeightFormatAttr : Kernel_EnumAttr<Kernel_WeightFormat, "weight_format">;
def Kernel_GridUnitAttr : Kernel_EnumAttr<Kernel_GridUnit, "unit">;
def Kernel_EpilogueAttr : Kernel_EnumAttr<Kernel_Epilogue, "epilogue">;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

def Kernel_RowsType : Kernel_Type<"Rows", "rows"> {
  let summary = "rows of activations in memory";
  let description = [{
    `f32`, `bf16`: elements in order, the row padded with zeros to a multiple of
    64 elements. `q8`: int8 elements padded likewise, then for each group of 32
    one float32 scale, then for each group the int32 sum of its elements.
    `dense`: float32 without padding, as callers of the runtime read logits.
    `keys`: int64 that order logits and, where these are equal, columns from the
    last to the first. The upper half is the logit's bits, all but the sign
    inverted where it is negative (-0 is 0); the lower half is 2^31 - 1 - column.
    The lowest int64 is no logit.
    `bits`: whether something holds for a column, in int64 from their lowest bits
    on. It holds for none behind the last.

    Constraints:
    * (C1) `width > 0`
  }];
  let parameters = (ins "int64_t":$width, EnumParameter<Kernel_RowFormat>:$format);
  let assemblyFormat = "`<` $width `x` $format `>`";
  let genVerifyDecl = 1;
}

def Kernel_RowType : Kernel_Type<"Row", "row"> {
  let summary = "one row as a value, in float32";
  let description = [{
    Constraints:
    * (C1) `width > 0`
  }];
  let parameters = (ins "int64_t":$width);
  let assemblyFormat = "`<` $width `>`";
  let genVerifyDecl = 1;
}

def Kernel_WeightType : Kernel_Type<"Weight", "weight"> {
  let summary = "a packed matrix";
  let description = [{
    Rows are outputs. Panels of 16 rows, each panel one sequential stream of
    blocks along the columns, so that a block feeds 16 vector lanes; see
    Layouts.h. Rows are padded to a multiple of 128, columns to a multiple of 64.
    `planes` is `int8` with the upper and the lower halves of bytes apart, so
    that products can be estimated from one of them.
    A `stack` is that many such matrices, one after the other: experts.
    The first rows and columns of a matrix are a matrix, too: its panels are as
    far apart as those of the one that has `of` columns.

    Constraints:
    * (C1) `rows > 0`, `columns > 0`, `stack > 0`
    * (C2) `of` is 0, or at least `columns`, which are whole blocks then, without
      a stack
    * (C3) in `planes` there is neither a stack nor `of`
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$columns,
                        EnumParameter<Kernel_WeightFormat>:$format,
                        DefaultValuedParameter<"int64_t", "1">:$stack,
                        DefaultValuedParameter<"int64_t", "0">:$of);
  let builders = [TypeBuilder<(ins "int64_t":$rows, "int64_t":$columns,
                                   "::lapidary::kernel::WeightFormat":$format), [{
    return $_get($_ctxt, rows, columns, format, 1, 0);
  }]>];
  let assemblyFormat = [{
    `<` $rows `x` $columns `x` $format (`stack` $stack^)? (`of` $of^)? `>`
  }];
  let genVerifyDecl = 1;
}

def Kernel_RoutingType : Kernel_Type<"Routing", "routing"> {
  let summary = "which experts the rows go to, and where";
  let description = [{
    First where the rows of each expert begin among all that are routed, and
    where the last ones end: int32 [experts + 1]. Then for each row of the step
    int32 [top], its experts or, once `kernel.group` has run, its places among
    all that are routed, and float32 [top], their shares.

    Constraints:
    * (C1) `0 < top <= experts`
  }];
  let parameters = (ins "int64_t":$experts, "int64_t":$top);
  let assemblyFormat = "`<` $experts `top` $top `>`";
  let genVerifyDecl = 1;
}

def Kernel_TableType : Kernel_Type<"Table", "table"> {
  let summary = "a matrix of which only looked-up rows are read";
  let description = [{
    Row after row, so that a look-up touches the bytes of one row alone; see
    Layouts.h.

    Constraints:
    * (C1) `rows > 0`, `columns > 0`
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$columns,
                        EnumParameter<Kernel_WeightFormat>:$format);
  let assemblyFormat = "`<` $rows `x` $columns `x` $format `>`";
  let genVerifyDecl = 1;
}

def Kernel_VectorType : Kernel_Type<"Vector", "vector"> {
  let summary = "a float32 vector, padded with zeros to a multiple of 64";
  let description = [{
    Constraints:
    * (C1) `width > 0`
  }];
  let parameters = (ins "int64_t":$width);
  let assemblyFormat = "`<` $width `>`";
  let genVerifyDecl = 1;
}

def Kernel_ListType : Kernel_Type<"List", "list"> {
  let summary = "int32 list of the step: tokens, positions, ends, blocks, wanted rows";
}

def Kernel_PagesType : Kernel_Type<"Pages", "pages"> {
  let summary = "for each row the page table of its sequence";
}

def Kernel_OffsetType : Kernel_Type<"Offset", "offset"> {
  let summary = "a byte offset: of a layer inside a page, of columns inside a row";
}

#endif // DIALECTS_KERNEL_KERNELDIALECT_TD
