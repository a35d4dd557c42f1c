// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// Columns 0 and 1 make the first three of the result, 2 and 3 the others.
// CHECK-LABEL: func @block_linear
// CHECK: gemma.block_linear %{{.*}}, %{{.*}} blocks 2 : tensor<2x4xf32>, tensor<4x3xbf16> -> tensor<2x6xf32>
// VALUES-LABEL: block_linear:
// VALUES-NEXT: 1 2 3 0 0 0
// VALUES-NEXT: 0 10 0 7 -8 9
func.func @block_linear() -> tensor<2x6xf32> {
  %x = arith.constant dense<[[1.0, 0.0, 0.0, 0.0], [0.0, 2.0, 1.0, -1.0]]> : tensor<2x4xf32>
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [0.0, 5.0, 0.0], [7.0, 0.0, 9.0], [0.0, 8.0, 0.0]]> : tensor<4x3xbf16>
  %y = gemma.block_linear %x, %w blocks 2 : tensor<2x4xf32>, tensor<4x3xbf16> -> tensor<2x6xf32>
  return %y : tensor<2x6xf32>
}
