// RUN: lapidary-opt %s --gemma-simplify-pipeline | FileCheck %s
// RUN: lapidary-opt %s --gemma-simplify-pipeline=round-embedding-scale=true | FileCheck %s --check-prefix=ROUND

#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>

// CHECK-NOT: @unused
gemma.param @table : tensor<4x2xbf16> from "w" at 0
gemma.param @norm : tensor<2xbf16> from "w" at 16
gemma.param @unused : tensor<2xbf16> from "w" at 32
gemma.cache @unused_cache : !gemma.kv<1 x 2> window 0

// CHECK-LABEL: func @text
func.func @text(%tokens: tensor<?xi32>) -> tensor<?x2xf32> {
  // CHECK:     gemma.embed {{.*}} scale 1.414
  // ROUND:     gemma.embed {{.*}} scale 1.4140625
  %table = gemma.weight @table : tensor<4x2xbf16>
  %0 = gemma.embed %tokens, %table scale 1.0 : tensor<?xi32>, tensor<4x2xbf16> -> tensor<?x2xf32>
  %1 = gemma.scale %0 by 1.41421354 : tensor<?x2xf32>
  // One weight and one sum for both norms.
  // CHECK:     gemma.weight @norm
  // CHECK:     gemma.offset
  // CHECK-NOT: gemma.weight
  // CHECK-NOT: gemma.offset
  %a = gemma.weight @norm : tensor<2xbf16>
  %2 = gemma.rms_norm %1, %a, #norm : tensor<?x2xf32>, tensor<2xbf16>
  %b = gemma.weight @norm : tensor<2xbf16>
  %3 = gemma.rms_norm %2, %b, #norm : tensor<?x2xf32>, tensor<2xbf16>
  return %3 : tensor<?x2xf32>
}
