// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// Three clusters of two rows; the last and the first score best. Products are 3
// and 1, for tokens 4 and 0, and 5 and 7, for tokens 3 and 1; others get 1 - 1.
// CHECK-LABEL: func @clustered_linear
// CHECK: gemma.clustered_linear %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} top 2 : tensor<1x1xf32>, tensor<1x3xf32>, tensor<6x1xf32>, tensor<6xi64> -> tensor<1x6xf32>
// VALUES-LABEL: clustered_linear:
// VALUES-NEXT: 1 7 0 5 3 0
func.func @clustered_linear() -> tensor<1x6xf32> {
  %x = arith.constant dense<1.0> : tensor<1x1xf32>
  %scores = arith.constant dense<[[0.5, 0.25, 2.0]]> : tensor<1x3xf32>
  %w = arith.constant dense<[[3.0], [1.0], [8.0], [9.0], [5.0], [7.0]]> : tensor<6x1xf32>
  %order = arith.constant dense<[4, 0, 2, 5, 3, 1]> : tensor<6xi64>
  %y = gemma.clustered_linear %x, %scores, %w, %order top 2 : tensor<1x1xf32>, tensor<1x3xf32>, tensor<6x1xf32>, tensor<6xi64> -> tensor<1x6xf32>
  return %y : tensor<1x6xf32>
}
