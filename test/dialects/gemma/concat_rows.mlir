// RUN: lapidary-opt %s --canonicalize | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @concat_rows
// CHECK: gemma.concat_rows %{{.*}}, %{{.*}} : tensor<2x2xf32>, tensor<1x2xf32> -> tensor<3x2xf32>
// VALUES-LABEL: concat_rows:
// VALUES-NEXT: 1 2
// VALUES-NEXT: 3 4
// VALUES-NEXT: 5 6
func.func @concat_rows() -> tensor<3x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[[5.0, 6.0]]> : tensor<1x2xf32>
  %y = gemma.concat_rows %a, %b : tensor<2x2xf32>, tensor<1x2xf32> -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// One input alone is the result.
// CHECK-LABEL: func @concat_rows_of_one
// CHECK-NOT: gemma.concat_rows
// VALUES-LABEL: concat_rows_of_one:
// VALUES-NEXT: 5 6
func.func @concat_rows_of_one() -> tensor<1x2xf32> {
  %a = arith.constant dense<[[5.0, 6.0]]> : tensor<1x2xf32>
  %y = gemma.concat_rows %a : tensor<1x2xf32> -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Scales, 1 and 0.5, move with their rows.
// CHECK-LABEL: func @concat_rows_quantized
// VALUES-LABEL: concat_rows_quantized:
// VALUES-NEXT: -8 4
// VALUES-NEXT: -4 1.5
!quant = !gemma.quant<int4, group = 32>
func.func @concat_rows_quantized() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[-8.0, 4.0]]> : tensor<1x2xf32>
  %b = arith.constant dense<[[-4.0, 1.5]]> : tensor<1x2xf32>
  %p = gemma.convert %a : tensor<1x2xf32> -> tensor<1x2x!quant>
  %q = gemma.convert %b : tensor<1x2xf32> -> tensor<1x2x!quant>
  %w = gemma.concat_rows %p, %q : tensor<1x2x!quant>, tensor<1x2x!quant> -> tensor<2x2x!quant>
  %y = gemma.convert %w : tensor<2x2x!quant> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
