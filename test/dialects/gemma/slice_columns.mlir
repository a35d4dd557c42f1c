// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @slice_columns
// CHECK: gemma.slice_columns %{{.*}} from 1 : tensor<2x4xf32> -> tensor<2x2xf32>
// VALUES-LABEL: slice_columns:
// VALUES-NEXT: 2 3
// VALUES-NEXT: 6 7
func.func @slice_columns() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32>
  %y = gemma.slice_columns %x from 1 : tensor<2x4xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
