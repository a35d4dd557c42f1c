// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

gemma.cache @cache_causal : !gemma.kv<1 x 2> window 0
gemma.cache @cache_sliding : !gemma.kv<1 x 2> window 2
gemma.cache @cache_groups : !gemma.kv<2 x 1> window 0
gemma.cache @cache_capped : !gemma.kv<1 x 1> window 0
gemma.cache @cache_bidirectional : !gemma.kv<1 x 1> window 0
gemma.cache @cache_around : !gemma.kv<1 x 1> window 2

// The second key scores 0.5 * 2 * ln(3) above the first, so it weighs 3/4. The
// first query sees nothing but itself, and the other sequence is alone.
// CHECK-LABEL: func @causal
// CHECK: gemma.attention %{{.*}}, %{{.*}}, %{{.*}} scale 5.000000e-01 window 0 : tensor<3x1x2xf32>, <1 x 2> -> tensor<3x2xf32>
// VALUES-LABEL: causal:
// VALUES-NEXT: 4 8
// VALUES-NEXT: 1 5
// VALUES-NEXT: 7 7
func.func @causal(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [1, 0]]}) -> tensor<3x2xf32> {
  %q = arith.constant dense<[[[2.0, 0.0]], [[2.0, 0.0]], [[2.0, 0.0]]]> : tensor<3x1x2xf32>
  %k = arith.constant dense<[[[0.0, 9.0]], [[1.0986123, 9.0]], [[5.0, 5.0]]]> : tensor<3x1x2xf32>
  %v = arith.constant dense<[[[4.0, 8.0]], [[0.0, 4.0]], [[7.0, 7.0]]]> : tensor<3x1x2xf32>
  %kv = gemma.append %k, %v, %batch to @cache_causal : tensor<3x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %q, %kv, %batch scale 0.5 window 0 : tensor<3x1x2xf32>, !gemma.kv<1 x 2> -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// A window of two keys, the query's own among them: means of neighbours.
// CHECK-LABEL: func @sliding
// CHECK: gemma.attention {{.*}} window 2
// VALUES-LABEL: sliding:
// VALUES-NEXT: 1 10
// VALUES-NEXT: 2 20
// VALUES-NEXT: 4 40
// VALUES-NEXT: 6 60
func.func @sliding(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [0, 2], [0, 3]]}) -> tensor<4x2xf32> {
  %q = arith.constant dense<0.0> : tensor<4x1x2xf32>
  %v = arith.constant dense<[[[1.0, 10.0]], [[3.0, 30.0]], [[5.0, 50.0]], [[7.0, 70.0]]]> : tensor<4x1x2xf32>
  %kv = gemma.append %q, %v, %batch to @cache_sliding : tensor<4x1x2xf32>, !gemma.kv<1 x 2>
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 2 : tensor<4x1x2xf32>, !gemma.kv<1 x 2> -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}

// Of four query heads the first two use key head 0, the last two key head 1.
// CHECK-LABEL: func @groups
// VALUES-LABEL: groups:
// VALUES-NEXT: 1 1 2 2
func.func @groups(%batch: !gemma.batch {gemma.rows = [[0, 0]]}) -> tensor<1x4xf32> {
  %q = arith.constant dense<0.0> : tensor<1x4x1xf32>
  %v = arith.constant dense<[[[1.0], [2.0]]]> : tensor<1x2x1xf32>
  %kv = gemma.append %v, %v, %batch to @cache_groups : tensor<1x2x1xf32>, !gemma.kv<2 x 1>
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 0 : tensor<1x4x1xf32>, !gemma.kv<2 x 1> -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// The score 1000 is capped to ln(3), so the second key weighs 3/4, not all.
// CHECK-LABEL: func @capped
// CHECK: gemma.attention {{.*}} window 0 softcap(1.09861231)
// VALUES-LABEL: capped:
// VALUES-NEXT: 0
// VALUES-NEXT: 3
func.func @capped(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1]]}) -> tensor<2x1xf32> {
  %k = arith.constant dense<[[[0.0]], [[1000.0]]]> : tensor<2x1x1xf32>
  %v = arith.constant dense<[[[0.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %q = arith.constant dense<1.0> : tensor<2x1x1xf32>
  %kv = gemma.append %k, %v, %batch to @cache_capped : tensor<2x1x1xf32>, !gemma.kv<1 x 1>
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 0 softcap(1.0986123) : tensor<2x1x1xf32>, !gemma.kv<1 x 1> -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}

// Every row sees its whole sequence, and no other one.
// CHECK-LABEL: func @bidirectional
// CHECK: gemma.attention {{.*}} window 0 bidirectional : tensor<3x1x1xf32>, <1 x 1> -> tensor<3x1xf32>
// VALUES-LABEL: bidirectional:
// VALUES-NEXT: 2
// VALUES-NEXT: 2
// VALUES-NEXT: 7
func.func @bidirectional(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [1, 0]]}) -> tensor<3x1xf32> {
  %q = arith.constant dense<0.0> : tensor<3x1x1xf32>
  %v = arith.constant dense<[[[1.0]], [[3.0]], [[7.0]]]> : tensor<3x1x1xf32>
  %kv = gemma.append %q, %v, %batch to @cache_bidirectional : tensor<3x1x1xf32>, !gemma.kv<1 x 1>
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 0 bidirectional : tensor<3x1x1xf32>, !gemma.kv<1 x 1> -> tensor<3x1xf32>
  return %y : tensor<3x1xf32>
}

// A window of two: the neighbours on both sides.
// CHECK-LABEL: func @around
// VALUES-LABEL: around:
// VALUES-NEXT: 2
// VALUES-NEXT: 4
// VALUES-NEXT: 7
// VALUES-NEXT: 9
func.func @around(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [0, 2], [0, 3]]}) -> tensor<4x1xf32> {
  %q = arith.constant dense<0.0> : tensor<4x1x1xf32>
  %v = arith.constant dense<[[[1.0]], [[3.0]], [[8.0]], [[10.0]]]> : tensor<4x1x1xf32>
  %kv = gemma.append %q, %v, %batch to @cache_around : tensor<4x1x1xf32>, !gemma.kv<1 x 1>
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 2 bidirectional : tensor<4x1x1xf32>, !gemma.kv<1 x 1> -> tensor<4x1xf32>
  return %y : tensor<4x1xf32>
}

// Two keys before a row's place and its own, one behind it: 10, 20, 40, 80.
// CHECK-LABEL: func @ahead
// CHECK: gemma.attention {{.*}} window 3 bidirectional ahead 1
// VALUES-LABEL: ahead:
// VALUES-NEXT: 15
// VALUES-NEXT: 23.3333
// VALUES-NEXT: 37.5
// VALUES-NEXT: 46.6667
gemma.cache @cache_ahead : !gemma.kv<1 x 1> window 3
func.func @ahead(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [0, 2], [0, 3]]}) -> tensor<4x1xf32> {
  %q = arith.constant dense<0.0> : tensor<4x1x1xf32>
  %v = arith.constant dense<[[[10.0]], [[20.0]], [[40.0]], [[80.0]]]> : tensor<4x1x1xf32>
  %kv = gemma.append %q, %v, %batch to @cache_ahead : tensor<4x1x1xf32>, !gemma.kv<1 x 1>
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 3 bidirectional ahead 1 : tensor<4x1x1xf32>, !gemma.kv<1 x 1> -> tensor<4x1xf32>
  return %y : tensor<4x1xf32>
}

// An encoder reads 3 and 6; a text then sees them beside its own 9 and 12, or
// alone.
// CHECK-LABEL: func @read_source
gemma.cache @cache_source : !gemma.kv<1 x 1> window 0 source
gemma.cache @cache_text : !gemma.kv<1 x 1> window 0
func.func @read_source(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1]]}) {
  %k = arith.constant dense<0.0> : tensor<2x1x1xf32>
  %v = arith.constant dense<[[[3.0]], [[6.0]]]> : tensor<2x1x1xf32>
  %kv = gemma.append %k, %v, %batch to @cache_source : tensor<2x1x1xf32>, !gemma.kv<1 x 1>
  return
}
// CHECK-LABEL: func @beside_source
// CHECK: gemma.attention %{{.*}}, %{{.*}}, %{{.*}} source(%{{.*}} : !gemma.kv<1 x 1>) scale
// VALUES-LABEL: beside_source:
// VALUES-NEXT: 6
// VALUES-NEXT: 7.5
func.func @beside_source(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1]]}) -> tensor<2x1xf32> {
  %q = arith.constant dense<0.0> : tensor<2x1x1xf32>
  %v = arith.constant dense<[[[9.0]], [[12.0]]]> : tensor<2x1x1xf32>
  %kv = gemma.append %q, %v, %batch to @cache_text : tensor<2x1x1xf32>, !gemma.kv<1 x 1>
  %source = gemma.past @cache_source : !gemma.kv<1 x 1>
  %y = gemma.attention %q, %kv, %batch source(%source : !gemma.kv<1 x 1>) scale 1.0 window 0 : tensor<2x1x1xf32>, !gemma.kv<1 x 1> -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}
// VALUES-LABEL: source_alone:
// VALUES-NEXT: 4.5
func.func @source_alone(%batch: !gemma.batch {gemma.rows = [[0, 7]]}) -> tensor<1x1xf32> {
  %q = arith.constant dense<0.0> : tensor<1x1x1xf32>
  %source = gemma.past @cache_source : !gemma.kv<1 x 1>
  %y = gemma.attention %q, %source, %batch scale 1.0 window 0 bidirectional : tensor<1x1x1xf32>, !gemma.kv<1 x 1> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
