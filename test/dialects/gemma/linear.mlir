// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// Row 0: 1 * 1 + 2 * 10 + 3 * 100, ...
// CHECK-LABEL: func @linear
// CHECK: gemma.linear %{{.*}}, %{{.*}} : tensor<2x3xf32>, tensor<2x3xbf16> -> tensor<2x2xf32>
// VALUES-LABEL: linear:
// VALUES-NEXT: 321 2
// VALUES-NEXT: 654 5
func.func @linear() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %w = arith.constant dense<[[1.0, 10.0, 100.0], [0.0, 1.0, 0.0]]> : tensor<2x3xbf16>
  %y = gemma.linear %x, %w : tensor<2x3xf32>, tensor<2x3xbf16> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// The input 1 + 1/256 is rounded to 1, the weight stays as it is.
// CHECK-LABEL: func @linear_bf16
// CHECK: gemma.linear %{{.*}}, %{{.*}} {product = #gemma.product<bf16>}
// VALUES-LABEL: linear_bf16:
// VALUES-NEXT: 1.00391
func.func @linear_bf16() -> tensor<1x1xf32> {
  %x = arith.constant dense<[[1.00390625]]> : tensor<1x1xf32>
  %w = arith.constant dense<[[1.00390625]]> : tensor<1x1xf32>
  %y = gemma.linear %x, %w {product = #gemma.product<bf16>} : tensor<1x1xf32>, tensor<1x1xf32> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// The scales of both input rows are 1 and 0.01; their integers are 127, 0, 2, -2
// (ties to even) and 100, -127, 0, 0. The weight is 2 * (127, 1, 1, 1).
// CHECK-LABEL: func @linear_int8
// CHECK: gemma.linear %{{.*}}, %{{.*}} {product = #gemma.product<int8>}
// VALUES-LABEL: linear_int8:
// VALUES-NEXT: 32258
// VALUES-NEXT: 251.46
func.func @linear_int8() -> tensor<2x1xf32> {
  %x = arith.constant dense<[[127.0, 0.5, 1.5, -2.5], [1.0, -1.27, 0.004, 0.0]]> : tensor<2x4xf32>
  %f = arith.constant dense<[[254.0, 2.0, 2.0, 2.0]]> : tensor<1x4xf32>
  %w = gemma.convert %f : tensor<1x4xf32> -> tensor<1x4x!gemma.quant<int8, group = 32>>
  %y = gemma.linear %x, %w {product = #gemma.product<int8>} : tensor<2x4xf32>, tensor<1x4x!gemma.quant<int8, group = 32>> -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}

// 1 * 127 + 1000 * 127. Column 32 has scales of its own; in one group with it
// column 31 would be rounded to nothing.
// CHECK-LABEL: func @linear_int8_groups
// VALUES-LABEL: linear_int8_groups:
// VALUES-NEXT: 127127
func.func @linear_int8_groups() -> tensor<1x1xf32> {
  %x = arith.constant dense<[[
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1000.0]]> : tensor<1x33xf32>
  %f = arith.constant dense<[[
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 127.0, 127.0]]> : tensor<1x33xf32>
  %w = gemma.convert %f : tensor<1x33xf32> -> tensor<1x33x!gemma.quant<int8, group = 32>>
  %y = gemma.linear %x, %w {product = #gemma.product<int8>} : tensor<1x33xf32>, tensor<1x33x!gemma.quant<int8, group = 32>> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// norm(x) = (1.2, 1.6, 0, 0) and the product (12, -16); softcapped 20 * tanh(0.6)
// and 20 * tanh(-0.8); both divided by sqrt((10.741^2 + 13.2807^2) / 2) = 12.0778
// and multiplied by 1 and 2; added to 100 and 200.
// CHECK-LABEL: func @linear_fused
// CHECK: gemma.linear %[[X:.*]], %{{.*}} norm(%{{.*}} : tensor<4xf32>, <epsilon = 0.000000e+00 : f32, weight_offset = 1.000000e+00 : f32>)
// CHECK-SAME: softcap(2.000000e+01)
// CHECK-SAME: post_norm(%{{.*}} : tensor<2xf32>, <epsilon = 0.000000e+00 : f32, weight_offset = 0.000000e+00 : f32>)
// CHECK-SAME: add(%{{.*}} : tensor<1x2xf32>)
// CHECK-SAME: : tensor<1x4xf32>, tensor<2x4xf32> -> tensor<1x2xf32>
// VALUES-LABEL: linear_fused:
// VALUES-NEXT: 100.889 197.801
// VALUES-NEXT: 100.889 197.801
func.func @linear_fused() -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %x = arith.constant dense<[[3.0, 4.0, 0.0, 0.0]]> : tensor<1x4xf32>
  %n = arith.constant dense<0.0> : tensor<4xf32>
  %w = arith.constant dense<[[10.0, 0.0, 0.0, 0.0], [0.0, -10.0, 0.0, 0.0]]> : tensor<2x4xf32>
  %p = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %r = arith.constant dense<[[100.0, 200.0]]> : tensor<1x2xf32>
  %fused = gemma.linear %x, %w
    norm(%n : tensor<4xf32>, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32>)
    softcap(20.0)
    post_norm(%p : tensor<2xf32>, <epsilon = 0.0 : f32, weight_offset = 0.0 : f32>)
    add(%r : tensor<1x2xf32>) : tensor<1x4xf32>, tensor<2x4xf32> -> tensor<1x2xf32>

  %0 = gemma.rms_norm %x, %n, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32> : tensor<1x4xf32>, tensor<4xf32>
  %1 = gemma.linear %0, %w : tensor<1x4xf32>, tensor<2x4xf32> -> tensor<1x2xf32>
  %2 = gemma.softcap %1 at 20.0 : tensor<1x2xf32>
  %3 = gemma.rms_norm %2, %p, <epsilon = 0.0 : f32, weight_offset = 0.0 : f32> : tensor<1x2xf32>, tensor<2xf32>
  %parts = gemma.add %r, %3 : tensor<1x2xf32>
  return %fused, %parts : tensor<1x2xf32>, tensor<1x2xf32>
}
