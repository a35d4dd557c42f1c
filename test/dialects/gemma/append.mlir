// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// A head of keys and values of width 1, of two sequences. Scores are 0, so that
// a result is the mean of what has been appended.
gemma.cache @layer : !gemma.kv<1 x 1> window 0

// CHECK-LABEL: func @first
// CHECK: gemma.append %{{.*}}, %{{.*}}, %{{.*}} to @layer : tensor<3x1x1xf32>, <1 x 1>
// VALUES-LABEL: first:
// VALUES-NEXT: 2
// VALUES-NEXT: 3
// VALUES-NEXT: 100
func.func @first(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [1, 0]]}) -> tensor<3x1xf32> {
  %k = arith.constant dense<0.0> : tensor<3x1x1xf32>
  %v = arith.constant dense<[[[2.0]], [[4.0]], [[100.0]]]> : tensor<3x1x1xf32>
  %kv = gemma.append %k, %v, %batch to @layer : tensor<3x1x1xf32>, !gemma.kv<1 x 1>
  %y = gemma.attention %k, %kv, %batch scale 1.0 window 0 : tensor<3x1x1xf32>, !gemma.kv<1 x 1> -> tensor<3x1xf32>
  return %y : tensor<3x1xf32>
}

// The past stays: (2 + 4 + 9) / 3 and (100 + 200) / 2, whatever the order.
// CHECK-LABEL: func @second
// VALUES-LABEL: second:
// VALUES-NEXT: 150
// VALUES-NEXT: 5
func.func @second(%batch: !gemma.batch {gemma.rows = [[1, 1], [0, 2]]}) -> tensor<2x1xf32> {
  %k = arith.constant dense<0.0> : tensor<2x1x1xf32>
  %v = arith.constant dense<[[[200.0]], [[9.0]]]> : tensor<2x1x1xf32>
  %kv = gemma.append %k, %v, %batch to @layer : tensor<2x1x1xf32>, !gemma.kv<1 x 1>
  %y = gemma.attention %k, %kv, %batch scale 1.0 window 0 : tensor<2x1x1xf32>, !gemma.kv<1 x 1> -> tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}

// A position is written anew, as after drafts were refused: (2 + 6) / 2.
// CHECK-LABEL: func @again
// VALUES-LABEL: again:
// VALUES-NEXT: 4
func.func @again(%batch: !gemma.batch {gemma.rows = [[0, 1]]}) -> tensor<1x1xf32> {
  %k = arith.constant dense<0.0> : tensor<1x1x1xf32>
  %v = arith.constant dense<6.0> : tensor<1x1x1xf32>
  %kv = gemma.append %k, %v, %batch to @layer : tensor<1x1x1xf32>, !gemma.kv<1 x 1>
  %y = gemma.attention %k, %kv, %batch scale 1.0 window 0 : tensor<1x1x1xf32>, !gemma.kv<1 x 1> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// RUN: sed 's/\[\[0, 1\]\]/[[0, 5]]/' %s > %t.gap.mlir
// RUN: not lapidary-translate --evaluate %t.gap.mlir 2>&1 | FileCheck %s --check-prefix=GAP
// GAP: error: 'gemma.append' expects each sequence to go on where it is, but 'layer' has nothing before position 5 of sequence 0

// RUN: sed 's/\[\[0, 1\]\]/[[0, 1], [0, 2]]/' %s > %t.rows.mlir
// RUN: not lapidary-translate --evaluate %t.rows.mlir 2>&1 | FileCheck %s --check-prefix=ROWS
// ROWS: error: 'gemma.append' expects as many rows as the batch has, 2, but there are 1
