// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

!int4 = !gemma.quant<int4, group = 32>
!int8 = !gemma.quant<int8, group = 32>

// Neighbours of 1 in bfloat16 are 1/128 apart: ties go to the even one.
// CHECK-LABEL: func @to_bfloat16
// CHECK: gemma.convert %{{.*}} : tensor<3xf32> -> tensor<3xbf16>
// VALUES-LABEL: to_bfloat16:
// VALUES-NEXT: 1 1.01562 1.00781
func.func @to_bfloat16() -> tensor<3xbf16> {
  %w = arith.constant dense<[1.00390625, 1.01171875, 1.005]> : tensor<3xf32>
  %y = gemma.convert %w : tensor<3xf32> -> tensor<3xbf16>
  return %y : tensor<3xbf16>
}

// 1 / 127 is 0.00787354 in float16; in that scale 1 is 127.008.
// CHECK-LABEL: func @to_int8
// CHECK: gemma.convert %{{.*}} : tensor<2x3xf32> -> tensor<2x3x!gemma.quant<int8, group = 32>>
// VALUES-LABEL: to_int8:
// VALUES-NEXT: 127 64 0
// VALUES-NEXT: -127 3 -3
// VALUES-NEXT: 0.999939 0.503906 0
// VALUES-NEXT: -127 3 -3
func.func @to_int8() -> (tensor<2x3x!int8>, tensor<2x3xf32>) {
  %w = arith.constant dense<[[1.0, 0.5, 0.001], [-127.0, 2.5, -2.5]]> : tensor<2x3xf32>
  %q = gemma.convert %w : tensor<2x3xf32> -> tensor<2x3x!int8>
  %y = gemma.convert %q : tensor<2x3x!int8> -> tensor<2x3xf32>
  return %q, %y : tensor<2x3x!int8>, tensor<2x3xf32>
}

// The first of the largest elements becomes -8, so the scales are -0.5, 0.5
// and 0.5, and in the last row 4 can only become 7.
// CHECK-LABEL: func @to_int4
// VALUES-LABEL: to_int4:
// VALUES-NEXT: -8 -2 -1
// VALUES-NEXT: -8 2 1
// VALUES-NEXT: -8 7 -1
// VALUES-NEXT: 4 1 0.5
// VALUES-NEXT: -4 1 0.5
// VALUES-NEXT: -4 3.5 -0.5
func.func @to_int4() -> (tensor<3x3x!int4>, tensor<3x3xf32>) {
  %w = arith.constant dense<[[4.0, 1.0, 0.25], [-4.0, 1.0, 0.25], [-4.0, 4.0, -0.25]]> : tensor<3x3xf32>
  %q = gemma.convert %w : tensor<3x3xf32> -> tensor<3x3x!int4>
  %y = gemma.convert %q : tensor<3x3x!int4> -> tensor<3x3xf32>
  return %q, %y : tensor<3x3x!int4>, tensor<3x3xf32>
}

// Column 32 has a scale of its own, 0.125; a group of zeros stays zero.
// CHECK-LABEL: func @groups
// VALUES-LABEL: groups:
// VALUES-NEXT: -8 7 0 {{(0 )*}}-8
// VALUES-NEXT: 0 0 0 {{(0 )*}}-8
// VALUES-NEXT: -8 7 0 {{(0 )*}}-1
// VALUES-NEXT: {{(-0 )+}}-1
func.func @groups() -> (tensor<2x33x!int4>, tensor<2x33xf32>) {
  %w = arith.constant dense<[
    [-8.0, 7.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
     0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
     0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0]]> : tensor<2x33xf32>
  %q = gemma.convert %w : tensor<2x33xf32> -> tensor<2x33x!int4>
  %y = gemma.convert %q : tensor<2x33x!int4> -> tensor<2x33xf32>
  return %q, %y : tensor<2x33x!int4>, tensor<2x33xf32>
}
