// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @slice
// CHECK: gemma.slice %{{.*}} at [1, 1] : tensor<3x4xf32> -> tensor<2x2xf32>
// VALUES-LABEL: slice:
// VALUES-NEXT: 6 7
// VALUES-NEXT: 10 11
func.func @slice() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]> : tensor<3x4xf32>
  %y = gemma.slice %x at [1, 1] : tensor<3x4xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
