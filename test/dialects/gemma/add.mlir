// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @add
// CHECK: gemma.add %{{.*}}, %{{.*}} : tensor<2x2xf32>
// VALUES-LABEL: add:
// VALUES-NEXT: 11 18
// VALUES-NEXT: 33 4
func.func @add() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, -2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[[10.0, 20.0], [30.0, 0.0]]> : tensor<2x2xf32>
  %y = gemma.add %a, %b : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
