//===- GemmaDialect.td - The gemma dialect, types, attributes -*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DIALECTS_GEMMA_GEMMADIALECT_TD
#define DIALECTS_GEMMA_GEMMADIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Gemma_Dialect : Dialect {
  let name = "gemma";
  let cppNamespace = "::lapidary::gemma";
  let summary = "Models of the Gemma family as their papers draw them";
  let description = [{
    One operation per idea, value semantics on tensors, nothing of machines: no
    packing, no tiles, no memory. The leading dimension of an activation is the
    number of rows in the step and dynamic; everything else is static.

    A step is a *ragged batch*: rows of one or several sequences, each with its
    position. Operations that look at other rows or at the past take the
    `!gemma.batch` that says which row is which; all others work row by row.

    Weights are values too. `gemma.weight` names a `gemma.param`, which refers
    to bytes of the checkpoint; `gemma.concat_rows`, `gemma.interleave_rows`,
    `gemma.interleave_halves`, `gemma.offset`, `gemma.softplus` and
    `gemma.convert` derive new
    ones, `gemma.fill` needs no bytes at all. Such a chain is the *recipe* by
    which the artifact writer makes the packed weight.

    Every operation is defined by its formula in float32; the reference
    evaluator (`lapidary-translate --evaluate`) computes exactly that.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

class Gemma_Type<string name, string typeMnemonic, list<Trait> traits = []>
    : TypeDef<Gemma_Dialect, name, traits> {
  let mnemonic = typeMnemonic;
}

class Gemma_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Gemma_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

def Gemma_BatchType : Gemma_Type<"Batch", "batch"> {
  let summary = "which sequence and position each row of a step has";
  let description = [{
    For each row its sequence and its position in it (from 0), and the list of
    rows whose logits are wanted. Rows of one sequence are consecutive and at
    consecutive positions.

    Tests give a batch by attributes of the argument that holds it: pairs of
    sequence and position, and the rows that are wanted.

    ```mlir
    func.func @f(%batch: !gemma.batch {gemma.rows = [[0, 4], [0, 5], [7, 0]], gemma.wanted = [1, 2]})
    ```
  }];
}

def Gemma_KvType : Gemma_Type<"Kv", "kv"> {
  let summary = "keys and values of one layer, of all sequences";
  let description = [{
    The state of a `gemma.cache` after a `gemma.append`: all that a query of
    this step may see. Keys are as attention uses them: normalized and rotated.
    Where there are `values` only, keys follow from these: `gemma.attention`
    knows how.
  }];
  let parameters = (ins "int64_t":$heads, "int64_t":$dim,
                        DefaultValuedParameter<"bool", "false">:$values_only);
  let assemblyFormat = "`<` $heads `x` custom<Kept>($dim, $values_only) `>`";
  let genVerifyDecl = 1;
}

def Gemma_RoutingType : Gemma_Type<"Routing", "routing"> {
  let summary = "the experts that each row of a step goes to";
  let description = [{
    For each row `top` different ones of `experts`, each with its share.

    Constraints:
    * (C1) `0 < top <= experts`
  }];
  let parameters = (ins "int64_t":$experts, "int64_t":$top);
  let assemblyFormat = "`<` $experts `top` $top `>`";
  let genVerifyDecl = 1;
}

def Gemma_QuantType : Gemma_Type<"Quant", "quant"> {
  let summary = "element of a weight quantized in groups along its rows";
  let description = [{
    A signed integer of `bits` bits. Each group of `group` consecutive columns
    of a row shares one float16 scale: `value = integer * scale`.
    4 bits hold -8 to 7, 8 bits -127 to 127.
  }];
  let parameters = (ins "int64_t":$bits, "int64_t":$group);
  let assemblyFormat = "`<` custom<IntegerName>($bits) `,` `group` `=` $group `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

def Gemma_Product : I32EnumAttr<"Product",
    "the type in which a product multiplies", [
      I32EnumAttrCase<"F32", 0, "f32">,
      I32EnumAttrCase<"BF16", 1, "bf16">,
      I32EnumAttrCase<"Int8", 2, "int8">]> {
  let cppNamespace = "::lapidary::gemma";
  let genSpecializedAttr = 0;
}

def Gemma_ProductAttr : EnumAttr<Gemma_Dialect, Gemma_Product, "product"> {
  let assemblyFormat = "`<` $value `>`";
  let description = [{
    * `f32`: both operands widened to float32.
    * `bf16`: the input rounded to bfloat16 (to nearest, ties to even), the
      weight as it is, sums in float32.
    * `int8`: each group of 32 consecutive columns of an input row quantized to
      int8 by `scale = max|x| / 127` and `round(x / scale)`, ties to even (0
      where the scale is); the last group may be shorter. The sum of a group is
      exact; multiplied by the product of both scales, groups are summed in
      float32.
  }];
}

def Gemma_NormAttr : Gemma_Attr<"Norm", "norm"> {
  let summary = "constants of a root-mean-square normalization";
  let description = [{
    `x * rsqrt(mean(x * x) + epsilon) * (weight + weight_offset)`; see
    `gemma.rms_norm`.
  }];
  let parameters = (ins "::mlir::FloatAttr":$epsilon,
                        "::mlir::FloatAttr":$weight_offset);
  let assemblyFormat = [{
    `<` `epsilon` `=` $epsilon `,` `weight_offset` `=` $weight_offset `>`
  }];
}

def Gemma_RotationAttr : Gemma_Attr<"Rotation", "rotation"> {
  let summary = "constants of a rotation of the first `width` columns of a head";
  let description = [{
    By the angles of a `gemma.rope_table` with these constants.
  }];
  let parameters = (ins "int64_t":$width, "::mlir::FloatAttr":$base,
                        "::mlir::FloatAttr":$factor, "int64_t":$pairs);
  let assemblyFormat = [{
    `<` `width` `=` $width `,` `base` `=` $base `,` `factor` `=` $factor `,`
    `pairs` `=` $pairs `>`
  }];
}

def Gemma_ConfigAttr : Gemma_Attr<"Config", "config"> {
  let summary = "facts of the checkpoint that a dump and the runtime need";
  let description = [{
    Set as `gemma.config` on the module by the frontend. No pass decides by it;
    the artifact writer copies it. `temperature` 0 means greedy. Token ids are
    -1 where the checkpoint has none.
  }];
  let parameters = (ins
    StringRefParameter<"as the user calls it: the checkpoint directory">:$name,
    StringRefParameter<"the generation, as model_type says it">:$architecture,
    "int64_t":$layers,
    "int64_t":$hidden,
    "int64_t":$vocabulary,
    "int64_t":$max_positions,
    "int64_t":$bos,
    "int64_t":$pad,
    ArrayRefParameter<"int64_t", "tokens that end an answer">:$eos,
    StringRefParameter<"kind of chat template, empty for none">:$chat_template,
    "::mlir::FloatAttr":$temperature,
    "int64_t":$top_k,
    "::mlir::FloatAttr":$top_p);
  let assemblyFormat = [{
    `<` struct($name, $architecture, $layers, $hidden, $vocabulary, $max_positions,
               $bos, $pad, custom<TokenList>($eos), $chat_template,
               $temperature, $top_k, $top_p) `>`
  }];
}

#endif // DIALECTS_GEMMA_GEMMADIALECT_TD
