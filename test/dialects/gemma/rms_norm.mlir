// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// mean(x * x) = 25 / 4 in the first row, 0 in the second; 1 / sqrt(25 / 4) = 0.4.
// CHECK-LABEL: func @difference_from_one
// CHECK: gemma.rms_norm %{{.*}}, %{{.*}}, <epsilon = 0.000000e+00 : f32, weight_offset = 1.000000e+00 : f32> : tensor<1x4xf32>, tensor<4xbf16>
// VALUES-LABEL: difference_from_one:
// VALUES-NEXT: 1.2 3.2 0 0
func.func @difference_from_one() -> tensor<1x4xf32> {
  %x = arith.constant dense<[[3.0, 4.0, 0.0, 0.0]]> : tensor<1x4xf32>
  %w = arith.constant dense<[0.0, 1.0, 2.0, 3.0]> : tensor<4xbf16>
  %y = gemma.rms_norm %x, %w, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32> : tensor<1x4xf32>, tensor<4xbf16>
  return %y : tensor<1x4xf32>
}

// epsilon is inside the root: (25 / 4 + 93.75) = 10 * 10.
// CHECK-LABEL: func @as_it_is
// VALUES-LABEL: as_it_is:
// VALUES-NEXT: 0.3 0.8 0 0
// VALUES-NEXT: 0 0 0 0
func.func @as_it_is() -> tensor<2x4xf32> {
  %x = arith.constant dense<[[3.0, 4.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>
  %w = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %y = gemma.rms_norm %x, %w, <epsilon = 93.75 : f32, weight_offset = 0.0 : f32> : tensor<2x4xf32>, tensor<4xf32>
  return %y : tensor<2x4xf32>
}

// Heads are normalized one by one, with one weight.
// CHECK-LABEL: func @heads
// CHECK: gemma.rms_norm {{.*}} : tensor<1x2x2xf32>, tensor<2xf32>
// VALUES-LABEL: heads:
// VALUES-NEXT: 1 -2
// VALUES-NEXT: -1 2
func.func @heads() -> tensor<1x2x2xf32> {
  %x = arith.constant dense<[[[5.0, -5.0], [-0.5, 0.5]]]> : tensor<1x2x2xf32>
  %w = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %y = gemma.rms_norm %x, %w, <epsilon = 0.0 : f32, weight_offset = 0.0 : f32> : tensor<1x2x2xf32>, tensor<2xf32>
  return %y : tensor<1x2x2xf32>
}

// So are stretches of a row, as long as the weight.
// CHECK-LABEL: func @stretches
// CHECK: gemma.rms_norm {{.*}} : tensor<1x4xf32>, tensor<2xf32>
// VALUES-LABEL: stretches:
// VALUES-NEXT: 1 -2 -1 2
func.func @stretches() -> tensor<1x4xf32> {
  %x = arith.constant dense<[[5.0, -5.0, -0.5, 0.5]]> : tensor<1x4xf32>
  %w = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %y = gemma.rms_norm %x, %w, <epsilon = 0.0 : f32, weight_offset = 0.0 : f32> : tensor<1x4xf32>, tensor<2xf32>
  return %y : tensor<1x4xf32>
}
