// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// It is what its parts compute: two query heads, one key head, one value head.
gemma.cache @fused : !gemma.kv<1 x 2> window 2
gemma.cache @parts : !gemma.kv<1 x 2> window 2

// CHECK-LABEL: func @qkv_attention
// CHECK: gemma.qkv_attention %{{.*}}, %{{.*}}, %{{.*}} to @fused
// CHECK-SAME: norms(%{{.*}}, %{{.*}}, <epsilon = 1.000000e-03 : f32, weight_offset = 1.000000e+00 : f32>)
// CHECK-SAME: heads 2 scale 5.000000e-01 window 2 softcap(3.000000e+00)
// CHECK-SAME: : tensor<3x8xf32>, tensor<3x2xf32>, tensor<2xf32> -> tensor<3x4xf32>
// VALUES-LABEL: qkv_attention:
// VALUES-NEXT: 7 8 7 8
// VALUES-NEXT: [[ROW1:[^ ]+ [^ ]+ [^ ]+ [^ ]+]]
// VALUES-NEXT: [[ROW2:[^ ]+ [^ ]+ [^ ]+ [^ ]+]]
// VALUES-NEXT: 7 8 7 8
// VALUES-NEXT: [[ROW1]]
// VALUES-NEXT: [[ROW2]]
func.func @qkv_attention(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [0, 2]]}) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %qkv = arith.constant dense<[[1.0, 2.0, 3.0, -4.0, 5.0, 6.0, 7.0, 8.0],
                               [-2.0, 3.0, 1.0, 1.0, 4.0, -1.0, 1.0, -2.0],
                               [3.0, 0.5, -1.0, 2.0, 1.0, 2.0, 5.0, 3.0]]> : tensor<3x8xf32>
  %table = gemma.rope_table %batch base 1.0e4 factor 1.0 : tensor<3x2xf32>
  %qn = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %kn = arith.constant dense<[1.0, -0.5]> : tensor<2xf32>
  %fused = gemma.qkv_attention %qkv, %table, %batch to @fused
    norms(%qn, %kn, <epsilon = 1.0e-3 : f32, weight_offset = 1.0 : f32>)
    heads 2 scale 0.5 window 2 softcap(3.0) : tensor<3x8xf32>, tensor<3x2xf32>, tensor<2xf32> -> tensor<3x4xf32>

  %q, %k, %v = gemma.split_heads %qkv : tensor<3x8xf32> -> tensor<3x2x2xf32>, tensor<3x1x2xf32>, tensor<3x1x2xf32>
  %0 = gemma.rms_norm %q, %qn, <epsilon = 1.0e-3 : f32, weight_offset = 1.0 : f32> : tensor<3x2x2xf32>, tensor<2xf32>
  %1 = gemma.rms_norm %k, %kn, <epsilon = 1.0e-3 : f32, weight_offset = 1.0 : f32> : tensor<3x1x2xf32>, tensor<2xf32>
  %2 = gemma.rope %0, %table : tensor<3x2x2xf32>, tensor<3x2xf32>
  %3 = gemma.rope %1, %table : tensor<3x1x2xf32>, tensor<3x2xf32>
  %kv = gemma.append %3, %v, %batch to @parts : tensor<3x1x2xf32>, !gemma.kv<1 x 2>
  %parts = gemma.attention %2, %kv, %batch scale 0.5 window 2 softcap(3.0) : tensor<3x2x2xf32>, !gemma.kv<1 x 2> -> tensor<3x4xf32>
  return %fused, %parts : tensor<3x4xf32>, tensor<3x4xf32>
}
