// RUN: lapidary-opt %s --gemma-quantize-weights=scheme=f32 --split-input-file | FileCheck %s --check-prefixes=CHECK,F32
// RUN: lapidary-opt %s --gemma-quantize-weights=scheme=bf16 --split-input-file | FileCheck %s --check-prefixes=CHECK,BF16
// RUN: lapidary-opt %s --gemma-quantize-weights=scheme=int8 --split-input-file | FileCheck %s --check-prefixes=CHECK,INT8
// RUN: lapidary-opt %s --gemma-quantize-weights=scheme=int4 --split-input-file | FileCheck %s --check-prefixes=CHECK,INT4
// RUN: lapidary-opt %s "--gemma-quantize-weights=scheme=int4 head=bf16" --split-input-file | FileCheck %s --check-prefixes=CHECK,HEAD

#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 0.0 : f32>

// CHECK-LABEL: func @layer
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<4x4xbf16>, %[[N:.*]]: tensor<4xbf16>)
// CHECK-DAG:   %[[V:.*]] = gemma.convert %[[N]] : tensor<4xbf16> -> tensor<4xf32>
// F32-DAG:     %[[C:.*]] = gemma.convert %[[W]] : tensor<4x4xbf16> -> tensor<4x4xf32>
// F32:         gemma.gated_linear %[[X]], %[[C]] norm(%[[V]] : {{[^)]*}}) : tensor<?x4xf32>, tensor<4x4xf32>
// F32-NEXT:    gemma.linear %[[X]], %[[C]] norm(%[[V]] : {{[^)]*}}) : tensor<?x4xf32>, tensor<4x4xf32>
// BF16-NOT:    gemma.convert %[[W]]
// BF16:        gemma.gated_linear %[[X]], %[[W]] norm({{.*}}) {product = #gemma.product<bf16>}
// BF16-NEXT:   gemma.linear %[[X]], %[[W]] norm({{.*}}) {product = #gemma.product<bf16>}
// INT8-DAG:    %[[C:.*]] = gemma.convert %[[W]] : {{.*}} -> tensor<4x4x!gemma.quant<int8, group = 32>>
// INT8:        gemma.gated_linear %[[X]], %[[C]] norm({{.*}}) {product = #gemma.product<int8>}
// INT8-NEXT:   gemma.linear %[[X]], %[[C]] norm({{.*}}) {product = #gemma.product<int8>}
// INT4-DAG:    %[[C:.*]] = gemma.convert %[[W]] : {{.*}} -> tensor<4x4x!gemma.quant<int4, group = 32>>
// INT4:        gemma.gated_linear %[[X]], %[[C]] norm({{.*}}) {product = #gemma.product<int8>}
// INT4-NEXT:   gemma.linear %[[X]], %[[C]] norm({{.*}}) {product = #gemma.product<int8>}
func.func @layer(%x: tensor<?x4xf32>, %w: tensor<4x4xbf16>, %n: tensor<4xbf16>) -> (tensor<?x2xf32>, tensor<?x4xf32>) {
  %0 = gemma.gated_linear %x, %w norm(%n : tensor<4xbf16>, #norm) : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x2xf32>
  %1 = gemma.linear %x, %w norm(%n : tensor<4xbf16>, #norm) : tensor<?x4xf32>, tensor<4x4xbf16> -> tensor<?x4xf32>
  %2 = gemma.scale %1 by 2.0 : tensor<?x4xf32>
  return %0, %2 : tensor<?x2xf32>, tensor<?x4xf32>
}

// -----
// A table that embedding and head share stays one weight.
// CHECK-LABEL: func @tied_head
// CHECK-SAME:  (%[[TOKENS:.*]]: tensor<?xi32>, %[[T:.*]]: tensor<8x4xbf16>)
// F32-NEXT:    %[[C:.*]] = gemma.convert %[[T]] : {{.*}} -> tensor<8x4xf32>
// F32-NEXT:    %[[X:.*]] = gemma.embed %[[TOKENS]], %[[C]]
// F32-NEXT:    gemma.linear %[[X]], %[[C]]
// BF16-NEXT:   %[[X:.*]] = gemma.embed %[[TOKENS]], %[[T]]
// BF16-NEXT:   gemma.linear %[[X]], %[[T]] {product = #gemma.product<bf16>}
// INT8-NEXT:   %[[C:.*]] = gemma.convert %[[T]] : {{.*}} -> tensor<8x4x!gemma.quant<int8, group = 32>>
// INT8-NEXT:   %[[X:.*]] = gemma.embed %[[TOKENS]], %[[C]]
// INT8-NEXT:   gemma.linear %[[X]], %[[C]] {product = #gemma.product<int8>}
// INT4-NEXT:   %[[C:.*]] = gemma.convert %[[T]] : {{.*}} -> tensor<8x4x!gemma.quant<int8, group = 32>>
// INT4-NEXT:   %[[X:.*]] = gemma.embed %[[TOKENS]], %[[C]]
// INT4-NEXT:   gemma.linear %[[X]], %[[C]] {product = #gemma.product<int8>}
// HEAD-NEXT:   %[[X:.*]] = gemma.embed %[[TOKENS]], %[[T]]
// HEAD-NEXT:   gemma.linear %[[X]], %[[T]] {product = #gemma.product<bf16>}
func.func @tied_head(%tokens: tensor<?xi32>, %table: tensor<8x4xbf16>) -> tensor<?x8xf32> {
  %0 = gemma.embed %tokens, %table scale 1.0 : tensor<?xi32>, tensor<8x4xbf16> -> tensor<?x4xf32>
  %1 = gemma.linear %0, %table : tensor<?x4xf32>, tensor<8x4xbf16> -> tensor<?x8xf32>
  %2 = gemma.softcap %1 at 30.0 : tensor<?x8xf32>
  return %2 : tensor<?x8xf32>
}

// -----
// A table beside another that is only looked up is as the layers' matrices.
// CHECK-LABEL: func @beside_another
// F32-COUNT-2:  gemma.convert {{.*}} -> tensor<8x4xf32>
// BF16-NOT:     gemma.convert
// INT8-COUNT-2: gemma.convert {{.*}} -> tensor<8x4x!gemma.quant<int8, group = 32>>
// INT4-COUNT-2: gemma.convert {{.*}} -> tensor<8x4x!gemma.quant<int4, group = 32>>
// HEAD-COUNT-2: gemma.convert {{.*}} -> tensor<8x4x!gemma.quant<int4, group = 32>>
// CHECK-NOT:    gemma.convert
// CHECK:        return
func.func @beside_another(%tokens: tensor<?xi32>, %a: tensor<8x4xbf16>, %b: tensor<8x4xbf16>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = gemma.embed %tokens, %a scale 1.0 : tensor<?xi32>, tensor<8x4xbf16> -> tensor<?x4xf32>
  %1 = gemma.embed %tokens, %b scale 2.0 : tensor<?xi32>, tensor<8x4xbf16> -> tensor<?x4xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// The only one is as a head, however often it is looked up.
// CHECK-LABEL: func @alone
// F32-NEXT:    gemma.convert {{.*}} -> tensor<8x4xf32>
// BF16-NOT:    gemma.convert
// INT8-NEXT:   gemma.convert {{.*}} -> tensor<8x4x!gemma.quant<int8, group = 32>>
// INT4-NEXT:   gemma.convert {{.*}} -> tensor<8x4x!gemma.quant<int8, group = 32>>
// HEAD-NOT:    gemma.convert
// CHECK-NOT:   gemma.convert
// CHECK:       return
func.func @alone(%tokens: tensor<?xi32>, %table: tensor<8x4xbf16>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = gemma.embed %tokens, %table scale 1.0 : tensor<?xi32>, tensor<8x4xbf16> -> tensor<?x4xf32>
  %1 = gemma.embed %tokens, %table scale 2.0 : tensor<?xi32>, tensor<8x4xbf16> -> tensor<?x4xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----
// CHECK-LABEL: func @own_head
// INT4-NEXT:   gemma.convert {{.*}} -> tensor<8x4x!gemma.quant<int8, group = 32>>
// HEAD-NEXT:   gemma.linear {{.*}} {product = #gemma.product<bf16>}
func.func @own_head(%x: tensor<?x4xf32>, %w: tensor<8x4xbf16>) -> tensor<?x8xf32> {
  %0 = gemma.linear %x, %w : tensor<?x4xf32>, tensor<8x4xbf16> -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----
// The recipe is followed to its end before the format changes.
// CHECK-LABEL: func @recipe
// INT8:        %[[W:.*]] = gemma.concat_rows
// INT8-NEXT:   %[[C:.*]] = gemma.convert %[[W]]
// INT8-NEXT:   gemma.linear %{{.*}}, %[[C]]
func.func @recipe(%x: tensor<?x4xf32>, %q: tensor<8x4xbf16>, %k: tensor<8x4xbf16>) -> tensor<?x16xf32> {
  %w = gemma.concat_rows %q, %k : tensor<8x4xbf16>, tensor<8x4xbf16> -> tensor<16x4xbf16>
  %0 = gemma.linear %x, %w : tensor<?x4xf32>, tensor<16x4xbf16> -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}

// -----
// Integers keep their width, floats can still be had from them.
// CHECK-LABEL: func @quantized_already
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor
// F32-NEXT:    gemma.convert {{.*}} -> tensor<4x4xf32>
// F32-NEXT:    gemma.gated_linear {{.*}} : tensor<?x4xf32>, tensor<4x4xf32>
// INT8-NEXT:   gemma.gated_linear %[[X]], %[[W]] {product = #gemma.product<int8>}
// INT4-NEXT:   gemma.gated_linear %[[X]], %[[W]] {product = #gemma.product<int8>}
func.func @quantized_already(%x: tensor<?x4xf32>, %w: tensor<4x4x!gemma.quant<int4, group = 32>>) -> tensor<?x2xf32> {
  %0 = gemma.gated_linear %x, %w {product = #gemma.product<int8>} : tensor<?x4xf32>, tensor<4x4x!gemma.quant<int4, group = 32>> -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 0.0 : f32>

// Vectors are float32 in every scheme, each converted once.
// CHECK-LABEL: func @vectors
// CHECK-SAME:  (%[[X:.*]]: tensor<?x2x2xf32>, %[[Y:.*]]: tensor<?x2xf32>, %[[N:.*]]: tensor<2xbf16>)
// CHECK-NEXT:  %[[C:.*]] = gemma.convert %[[N]] : tensor<2xbf16> -> tensor<2xf32>
// CHECK-NEXT:  gemma.rms_norm %[[X]], %[[C]]
// CHECK-NEXT:  gemma.scale_by %[[Y]], %[[C]]
func.func @vectors(%x: tensor<?x2x2xf32>, %y: tensor<?x2xf32>, %n: tensor<2xbf16>) -> (tensor<?x2x2xf32>, tensor<?x2xf32>) {
  %0 = gemma.rms_norm %x, %n, #norm : tensor<?x2x2xf32>, tensor<2xbf16>
  %1 = gemma.scale_by %y, %n : tensor<?x2xf32>, tensor<2xbf16>
  return %0, %1 : tensor<?x2x2xf32>, tensor<?x2xf32>
}

// -----

// Of two functions one looks up what the other multiplies by: one weight.
gemma.param @table : tensor<32x64xbf16> from "w" at 0

// CHECK-LABEL: func.func @text
// INT4: gemma.convert %{{.*}} -> tensor<32x64x!gemma.quant<int8, group = 32>>
func.func @text(%x: tensor<?x64xf32>) -> tensor<?x32xf32> {
  %t = gemma.weight @table : tensor<32x64xbf16>
  %y = gemma.linear %x, %t : tensor<?x64xf32>, tensor<32x64xbf16> -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}
// CHECK-LABEL: func.func @draft
// INT4: gemma.convert %{{.*}} -> tensor<32x64x!gemma.quant<int8, group = 32>>
func.func @draft(%tokens: tensor<?xi32>) -> tensor<?x64xf32> {
  %t = gemma.weight @table : tensor<32x64xbf16>
  %x = gemma.embed %tokens, %t scale 1.0 : tensor<?xi32>, tensor<32x64xbf16> -> tensor<?x64xf32>
  return %x : tensor<?x64xf32>
}
