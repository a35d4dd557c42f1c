// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// Three taps: 100 times the row before last, 10 times the last, the row itself;
// in the second column the row itself alone.
gemma.state @conv : tensor<2x2xf32>

// CHECK-LABEL: func @first
// CHECK: gemma.causal_conv %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} of @conv : tensor<3x2xf32>, tensor<6xf32>, tensor<2xf32>
// VALUES-LABEL: first:
// VALUES-NEXT: 1 0.5
// VALUES-NEXT: 12 0.5
// VALUES-NEXT: 7 1.5
func.func @first(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [1, 0]]}) -> tensor<3x2xf32> {
  %x = arith.constant dense<[[1.0, 0.0], [2.0, 0.0], [7.0, 1.0]]> : tensor<3x2xf32>
  %w = arith.constant dense<[100.0, 10.0, 1.0, 0.0, 0.0, 1.0]> : tensor<6xf32>
  %b = arith.constant dense<[0.0, 0.5]> : tensor<2xf32>
  %y = gemma.causal_conv %x, %w, %b, %batch of @conv : tensor<3x2xf32>, tensor<6xf32>, tensor<2xf32>
  return %y : tensor<3x2xf32>
}

// The past stays, whatever the order of the sequences; one begins again.
// CHECK-LABEL: func @second
// VALUES-LABEL: second:
// VALUES-NEXT: 4
// VALUES-NEXT: 45
// VALUES-NEXT: 123
func.func @second(%batch: !gemma.batch {gemma.rows = [[1, 0], [1, 1], [0, 2]]}) -> tensor<3x1xf32> {
  %x = arith.constant dense<[[4.0, 0.0], [5.0, 0.0], [3.0, 0.0]]> : tensor<3x2xf32>
  %w = arith.constant dense<[100.0, 10.0, 1.0, 0.0, 0.0, 1.0]> : tensor<6xf32>
  %b = arith.constant dense<0.0> : tensor<2xf32>
  %y = gemma.causal_conv %x, %w, %b, %batch of @conv : tensor<3x2xf32>, tensor<6xf32>, tensor<2xf32>
  %z = gemma.slice_columns %y from 0 : tensor<3x2xf32> -> tensor<3x1xf32>
  return %z : tensor<3x1xf32>
}

// It cannot go back.
// RUN: sed 's/\[\[1, 0\], \[1, 1\], \[0, 2\]\]/[[1, 0], [1, 1], [0, 1]]/' %s > %t.back.mlir
// RUN: not lapidary-translate --evaluate %t.back.mlir 2>&1 | FileCheck %s --check-prefix=BACK
// BACK: error: 'gemma.causal_conv' expects each sequence to go on where it is, but 'conv' is not before position 1 of sequence 0

// RUN: sed 's/\[\[1, 0\], \[1, 1\], \[0, 2\]\]/[[1, 0]]/' %s > %t.rows.mlir
// RUN: not lapidary-translate --evaluate %t.rows.mlir 2>&1 | FileCheck %s --check-prefix=ROWS
// ROWS: error: 'gemma.causal_conv' expects as many rows as the batch has, 1, but there are 3
