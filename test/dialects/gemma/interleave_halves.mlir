// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// Two blocks, in each the first half and the second in turn.
// CHECK-LABEL: func @interleave_halves
// CHECK: gemma.interleave_halves %{{.*}} blocks 2 : tensor<8x1xf32>
// VALUES-LABEL: interleave_halves:
// VALUES-NEXT: 1
// VALUES-NEXT: 10
// VALUES-NEXT: 2
// VALUES-NEXT: 20
// VALUES-NEXT: 3
// VALUES-NEXT: 30
// VALUES-NEXT: 4
// VALUES-NEXT: 40
func.func @interleave_halves() -> tensor<8x1xf32> {
  %x = arith.constant dense<[[1.0], [2.0], [10.0], [20.0], [3.0], [4.0], [30.0], [40.0]]> : tensor<8x1xf32>
  %y = gemma.interleave_halves %x blocks 2 : tensor<8x1xf32>
  return %y : tensor<8x1xf32>
}

// Scales, 1, 0.5, 0.25 and 2, move with their rows.
// CHECK-LABEL: func @interleave_halves_quantized
// VALUES-LABEL: interleave_halves_quantized:
// VALUES-NEXT: -8 4
// VALUES-NEXT: -2 1.75
// VALUES-NEXT: -4 1.5
// VALUES-NEXT: -16 2
!quant = !gemma.quant<int4, group = 32>
func.func @interleave_halves_quantized() -> tensor<4x2xf32> {
  %x = arith.constant dense<[[-8.0, 4.0], [-4.0, 1.5], [-2.0, 1.75], [-16.0, 2.0]]> : tensor<4x2xf32>
  %q = gemma.convert %x : tensor<4x2xf32> -> tensor<4x2x!quant>
  %h = gemma.interleave_halves %q blocks 1 : tensor<4x2x!quant>
  %y = gemma.convert %h : tensor<4x2x!quant> -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}
