// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// Gates are products with rows 0 and 2, ups with rows 1 and 3: gelu(1) * 10 and
// gelu(-1) * 20.
// CHECK-LABEL: func @gated_linear
// CHECK: gemma.gated_linear %{{.*}}, %{{.*}} : tensor<1x2xf32>, tensor<4x2xf32> -> tensor<1x2xf32>
// VALUES-LABEL: gated_linear:
// VALUES-NEXT: 8.41192 -3.17616
func.func @gated_linear() -> tensor<1x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %w = arith.constant dense<[[1.0, 0.0], [0.0, 5.0], [-1.0, 0.0], [0.0, 10.0]]> : tensor<4x2xf32>
  %y = gemma.gated_linear %x, %w : tensor<1x2xf32>, tensor<4x2xf32> -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// With a norm it is what these parts compute.
// CHECK-LABEL: func @gated_linear_norm
// CHECK: gemma.gated_linear %{{.*}}, %{{.*}} norm(%{{.*}} : tensor<2xf32>, <epsilon = 1.000000e+00 : f32, weight_offset = 1.000000e+00 : f32>) {product = #gemma.product<bf16>}
// VALUES-LABEL: gated_linear_norm:
// VALUES-NEXT: [[ROW:[^ ]+ [^ ]+]]
// VALUES-NEXT: [[ROW]]
func.func @gated_linear_norm() -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %x = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %n = arith.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %gate = arith.constant dense<[[1.0, 2.0], [-1.0, 1.0]]> : tensor<2x2xf32>
  %up = arith.constant dense<[[3.0, 5.0], [4.0, 10.0]]> : tensor<2x2xf32>
  %w = gemma.interleave_rows %gate, %up : tensor<2x2xf32> -> tensor<4x2xf32>
  %fused = gemma.gated_linear %x, %w norm(%n : tensor<2xf32>, <epsilon = 1.0 : f32, weight_offset = 1.0 : f32>) {product = #gemma.product<bf16>} : tensor<1x2xf32>, tensor<4x2xf32> -> tensor<1x2xf32>

  %0 = gemma.rms_norm %x, %n, <epsilon = 1.0 : f32, weight_offset = 1.0 : f32> : tensor<1x2xf32>, tensor<2xf32>
  %1 = gemma.linear %0, %gate {product = #gemma.product<bf16>} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %2 = gemma.linear %0, %up {product = #gemma.product<bf16>} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %3 = gemma.gelu %1 : tensor<1x2xf32>
  %parts = gemma.mul %3, %2 : tensor<1x2xf32>
  return %fused, %parts : tensor<1x2xf32>, tensor<1x2xf32>
}
