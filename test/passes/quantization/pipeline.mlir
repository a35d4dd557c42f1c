// RUN: lapidary-opt %s --gemma-quantization-pipeline=scheme=int4 | FileCheck %s --check-prefixes=CHECK,AUTO
// RUN: lapidary-opt %s "--gemma-quantization-pipeline=scheme=int4 head=int4" | FileCheck %s --check-prefixes=CHECK,INT4

gemma.param @table : tensor<8x4xbf16> from "w" at 0

// Two names of one table are recognized as a head's.
// CHECK-LABEL: func @text
// CHECK:       gemma.weight @table
// AUTO:        gemma.convert {{.*}} -> tensor<8x4x!gemma.quant<int8, group = 32>>
// INT4:        gemma.convert {{.*}} -> tensor<8x4x!gemma.quant<int4, group = 32>>
// CHECK-NOT:   gemma.convert
func.func @text(%tokens: tensor<?xi32>) -> tensor<?x8xf32> {
  %a = gemma.weight @table : tensor<8x4xbf16>
  %0 = gemma.embed %tokens, %a scale 1.0 : tensor<?xi32>, tensor<8x4xbf16> -> tensor<?x4xf32>
  %b = gemma.weight @table : tensor<8x4xbf16>
  %1 = gemma.linear %0, %b : tensor<?x4xf32>, tensor<8x4xbf16> -> tensor<?x8xf32>
  %2 = gemma.softcap %1 at 30.0 : tensor<?x8xf32>
  return %2 : tensor<?x8xf32>
}
