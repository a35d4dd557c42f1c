// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// Mean 4, deviation sqrt((9 + 1 + 1 + 9) / 4) = sqrt(5), half of it 1.11803. In
// the second row nothing deviates.
// CHECK-LABEL: func @gaussian_topk
// CHECK: gemma.gaussian_topk %{{.*}} above 5.000000e-01 : tensor<2x4xf32>
// VALUES-LABEL: gaussian_topk:
// VALUES-NEXT: 0 0 0 1.88197
// VALUES-NEXT: 0 0 0 0
func.func @gaussian_topk() -> tensor<2x4xf32> {
  %x = arith.constant dense<[[1.0, 3.0, 5.0, 7.0], [2.0, 2.0, 2.0, 2.0]]> : tensor<2x4xf32>
  %y = gemma.gaussian_topk %x above 0.5 : tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
