// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// Columns 0 to 3 are two heads of the first result, 4 and 5 one of the second.
// CHECK-LABEL: func @split_heads
// CHECK: gemma.split_heads %{{.*}} : tensor<2x6xf32> -> tensor<2x2x2xf32>, tensor<2x1x2xf32>
// VALUES-LABEL: split_heads:
// VALUES-NEXT: 0 1
// VALUES-NEXT: 2 3
// VALUES-NEXT: 10 11
// VALUES-NEXT: 12 13
// VALUES-NEXT: 4 5
// VALUES-NEXT: 14 15
func.func @split_heads() -> (tensor<2x2x2xf32>, tensor<2x1x2xf32>) {
  %x = arith.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [10.0, 11.0, 12.0, 13.0, 14.0, 15.0]]> : tensor<2x6xf32>
  %q, %k = gemma.split_heads %x : tensor<2x6xf32> -> tensor<2x2x2xf32>, tensor<2x1x2xf32>
  return %q, %k : tensor<2x2x2xf32>, tensor<2x1x2xf32>
}
