// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @interleave_rows
// CHECK: gemma.interleave_rows %{{.*}}, %{{.*}} : tensor<2x2xf32> -> tensor<4x2xf32>
// VALUES-LABEL: interleave_rows:
// VALUES-NEXT: 1 2
// VALUES-NEXT: 10 20
// VALUES-NEXT: 3 4
// VALUES-NEXT: 30 40
func.func @interleave_rows() -> tensor<4x2xf32> {
  %even = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %odd = arith.constant dense<[[10.0, 20.0], [30.0, 40.0]]> : tensor<2x2xf32>
  %y = gemma.interleave_rows %even, %odd : tensor<2x2xf32> -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}

// Scales, 1 and 0.5, move with their rows.
// CHECK-LABEL: func @interleave_rows_quantized
// VALUES-LABEL: interleave_rows_quantized:
// VALUES-NEXT: -8 4
// VALUES-NEXT: -4 1.5
!quant = !gemma.quant<int4, group = 32>
func.func @interleave_rows_quantized() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[-8.0, 4.0]]> : tensor<1x2xf32>
  %b = arith.constant dense<[[-4.0, 1.5]]> : tensor<1x2xf32>
  %p = gemma.convert %a : tensor<1x2xf32> -> tensor<1x2x!quant>
  %q = gemma.convert %b : tensor<1x2xf32> -> tensor<1x2x!quant>
  %w = gemma.interleave_rows %p, %q : tensor<1x2x!quant> -> tensor<2x2x!quant>
  %y = gemma.convert %w : tensor<2x2x!quant> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
