// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @fill
// CHECK: gemma.fill 5.000000e-01 : tensor<3xf32>
// VALUES-LABEL: fill:
// VALUES-NEXT: 0.5 0.5 0.5
func.func @fill() -> tensor<3xf32> {
  %w = gemma.fill 0.5 : tensor<3xf32>
  return %w : tensor<3xf32>
}
