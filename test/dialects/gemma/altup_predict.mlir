// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// [1, 10] + 1 * [1, 10] + 2 * [100, 1000] and [100, 1000] + 3 * [1, 10]; in the
// second row of numbers the first stream takes nothing, the second itself.
// CHECK-LABEL: func @altup_predict
// CHECK: gemma.altup_predict %{{.*}}, (%{{.*}}, %{{.*}}) : (tensor<2x4xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>)
// VALUES-LABEL: altup_predict:
// VALUES-NEXT: 202 2020
// VALUES-NEXT: 2 20
// VALUES-NEXT: 103 1030
// VALUES-NEXT: 400 4000
func.func @altup_predict() -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %c = arith.constant dense<[[1.0, 2.0, 3.0, 0.0], [0.0, 0.0, 0.0, 1.0]]> : tensor<2x4xf32>
  %x = arith.constant dense<[[1.0, 10.0], [2.0, 20.0]]> : tensor<2x2xf32>
  %y = arith.constant dense<[[100.0, 1000.0], [200.0, 2000.0]]> : tensor<2x2xf32>
  %p, %q = gemma.altup_predict %c, (%x, %y) : (tensor<2x4xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>)
  return %p, %q : tensor<2x2xf32>, tensor<2x2xf32>
}
