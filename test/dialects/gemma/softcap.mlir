// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// 30 * tanh(x / 30): nearly x where x is small, never above 30.
// CHECK-LABEL: func @softcap
// CHECK: gemma.softcap %{{.*}} at 3.000000e+01 : tensor<1x4xf32>
// VALUES-LABEL: softcap:
// VALUES-NEXT: 0 2.99004 22.8478 -30
func.func @softcap() -> tensor<1x4xf32> {
  %x = arith.constant dense<[[0.0, 3.0, 30.0, -3000.0]]> : tensor<1x4xf32>
  %y = gemma.softcap %x at 30.0 : tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
