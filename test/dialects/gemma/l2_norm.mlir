// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @l2_norm
// CHECK: gemma.l2_norm %{{.*}} : tensor<2x2xf32>
// VALUES-LABEL: l2_norm:
// VALUES-NEXT: 0.6 -0.8
// VALUES-NEXT: 0 0
func.func @l2_norm() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[3.0, -4.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %y = gemma.l2_norm %x : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
