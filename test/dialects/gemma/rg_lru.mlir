// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// The input gate is open; half of -8 times the rate halves the state in a step,
// and what comes in is multiplied by sqrt(3 / 4).
gemma.state @lru : tensor<1x1xf32>

// CHECK-LABEL: func @first
// CHECK: gemma.rg_lru %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} of @lru : tensor<3x1xf32>, tensor<1xf32>
// VALUES-LABEL: first:
// VALUES-NEXT: 1
// VALUES-NEXT: 2.23205
// VALUES-NEXT: 8
func.func @first(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [1, 0]]}) -> tensor<3x1xf32> {
  %x = arith.constant dense<[[1.0], [2.0], [8.0]]> : tensor<3x1xf32>
  %i = arith.constant dense<100.0> : tensor<3x1xf32>
  %r = arith.constant dense<0.0> : tensor<3x1xf32>
  %rate = arith.constant dense<0.17328680> : tensor<1xf32>
  %h = gemma.rg_lru %x, %i, %r, %rate, %batch of @lru : tensor<3x1xf32>, tensor<1xf32>
  return %h : tensor<3x1xf32>
}

// The past stays; half of what comes in is kept out.
// CHECK-LABEL: func @second
// VALUES-LABEL: second:
// VALUES-NEXT: 4
// VALUES-NEXT: 1.98205
func.func @second(%batch: !gemma.batch {gemma.rows = [[1, 1], [0, 2]]}) -> tensor<2x1xf32> {
  %x = arith.constant dense<[[0.0], [2.0]]> : tensor<2x1xf32>
  %i = arith.constant dense<0.0> : tensor<2x1xf32>
  %r = arith.constant dense<0.0> : tensor<2x1xf32>
  %rate = arith.constant dense<0.17328680> : tensor<1xf32>
  %h = gemma.rg_lru %x, %i, %r, %rate, %batch of @lru : tensor<2x1xf32>, tensor<1xf32>
  return %h : tensor<2x1xf32>
}

// RUN: sed 's/\[\[1, 1\], \[0, 2\]\]/[[1, 1], [0, 3]]/' %s > %t.gap.mlir
// RUN: not lapidary-translate --evaluate %t.gap.mlir 2>&1 | FileCheck %s --check-prefix=GAP
// GAP: error: 'gemma.rg_lru' expects each sequence to go on where it is, but 'lru' is not before position 3 of sequence 0
