// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @softplus
// CHECK: gemma.softplus %{{.*}} : tensor<4xbf16> -> tensor<4xf32>
// VALUES-LABEL: softplus:
// VALUES-NEXT: 0.693147 1.31326 9.35762e-14 100
func.func @softplus() -> tensor<4xf32> {
  %v = arith.constant dense<[0.0, 1.0, -30.0, 100.0]> : tensor<4xbf16>
  %w = gemma.softplus %v : tensor<4xbf16> -> tensor<4xf32>
  return %w : tensor<4xf32>
}
