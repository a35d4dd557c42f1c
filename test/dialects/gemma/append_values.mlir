// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

gemma.cache @layer : !gemma.kv<1 x 2 values> window 0
gemma.cache @turned : !gemma.kv<1 x 2 values> window 0

// A quarter of the first column makes keys: scores differ by
// 0.5 * 2 * 0.25 * 4 ln(3), so that the second value weighs 3/4.
// CHECK: gemma.cache @layer : !gemma.kv<1 x 2 values> window 0
// CHECK-LABEL: func @first
// CHECK: gemma.append_values %{{.*}}, %{{.*}} to @layer : tensor<2x1x2xf32>, <1 x 2 values>
// CHECK: gemma.attention %{{.*}}, %{{.*}}, %{{.*}} keys(%{{.*}}, <width = 2, base = 1.000000e+00 : f32, factor = 1.000000e+00 : f32, pairs = 0> : tensor<2xf32>) scale
// VALUES-LABEL: first:
// VALUES-NEXT: 0 8
// VALUES-NEXT: 3.29584 5
func.func @first(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1]]}) -> tensor<2x2xf32> {
  %q = arith.constant dense<[[[2.0, 1.0]], [[2.0, 1.0]]]> : tensor<2x1x2xf32>
  %w = arith.constant dense<[0.25, 0.0]> : tensor<2xf32>
  %v = arith.constant dense<[[[0.0, 8.0]], [[4.3944492, 4.0]]]> : tensor<2x1x2xf32>
  %kv = gemma.append_values %v, %batch to @layer : tensor<2x1x2xf32>, !gemma.kv<1 x 2 values>
  %y = gemma.attention %q, %kv, %batch keys(%w, <width = 2, base = 1.0 : f32, factor = 1.0 : f32, pairs = 0> : tensor<2xf32>)
    scale 0.5 window 0 : tensor<2x1x2xf32>, !gemma.kv<1 x 2 values> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// The first columns make keys, turned by 0 and 1 at positions 0 and 1: (1, 0)
// and (cos 1, sin 1). The query (0, ln(3) / sin(1)) scores ln(3) for the second.
// CHECK-LABEL: func @turned_by_position
// VALUES-LABEL: turned_by_position:
// VALUES-NEXT: 1 10
// VALUES-NEXT: 1 17.5
func.func @turned_by_position(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1]]}) -> tensor<2x2xf32> {
  %q = arith.constant dense<[[[0.0, 1.3055913]], [[0.0, 1.3055913]]]> : tensor<2x1x2xf32>
  %w = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
  %v = arith.constant dense<[[[1.0, 10.0]], [[1.0, 20.0]]]> : tensor<2x1x2xf32>
  %kv = gemma.append_values %v, %batch to @turned : tensor<2x1x2xf32>, !gemma.kv<1 x 2 values>
  %y = gemma.attention %q, %kv, %batch keys(%w, <width = 2, base = 1.0 : f32, factor = 1.0 : f32, pairs = 1> : tensor<2xf32>)
    scale 1.0 window 0 : tensor<2x1x2xf32>, !gemma.kv<1 x 2 values> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
