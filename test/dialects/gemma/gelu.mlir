// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @gelu
// CHECK: gemma.gelu %{{.*}} : tensor<1x5xf32>
// VALUES-LABEL: gelu:
// VALUES-NEXT: -0.158808 0 0.345714 0.841192 10
func.func @gelu() -> tensor<1x5xf32> {
  %x = arith.constant dense<[[-1.0, 0.0, 0.5, 1.0, 10.0]]> : tensor<1x5xf32>
  %y = gemma.gelu %x : tensor<1x5xf32>
  return %y : tensor<1x5xf32>
}
