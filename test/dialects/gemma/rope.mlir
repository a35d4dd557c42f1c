// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// Elements 0 and 2 are a pair, 1 and 3 another. The first pair is turned by the
// angle with cosine 0.6 and sine 0.8, the second by a quarter. Both heads alike.
// CHECK-LABEL: func @rope
// CHECK: gemma.rope %{{.*}}, %{{.*}} : tensor<1x2x4xf32>, tensor<1x4xf32>
// VALUES-LABEL: rope:
// VALUES-NEXT: 0.6 -1 0.8 0
// VALUES-NEXT: -8 0 6 2
func.func @rope() -> tensor<1x2x4xf32> {
  %x = arith.constant dense<[[[1.0, 0.0, 0.0, 1.0], [0.0, 2.0, 10.0, 0.0]]]> : tensor<1x2x4xf32>
  %t = arith.constant dense<[[0.6, 0.0, 0.8, 1.0]]> : tensor<1x4xf32>
  %y = gemma.rope %x, %t : tensor<1x2x4xf32>, tensor<1x4xf32>
  return %y : tensor<1x2x4xf32>
}

// A table narrower than a head: elements 0 and 1 are a pair, the rest stays.
// VALUES-LABEL: part:
// VALUES-NEXT: -2 1 5 6
func.func @part() -> tensor<1x1x4xf32> {
  %x = arith.constant dense<[[[1.0, 2.0, 5.0, 6.0]]]> : tensor<1x1x4xf32>
  %t = arith.constant dense<[[0.0, 1.0]]> : tensor<1x2xf32>
  %y = gemma.rope %x, %t : tensor<1x1x4xf32>, tensor<1x2xf32>
  return %y : tensor<1x1x4xf32>
}
