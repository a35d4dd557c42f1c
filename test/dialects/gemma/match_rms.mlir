// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// From root mean square 1 to 5. The mean square 0.01 of the second row is below
// the floor 0.25, so it grows by 2 / 0.5.
// CHECK-LABEL: func @match_rms
// CHECK: gemma.match_rms %{{.*}}, %{{.*}} floor 2.500000e-01 : tensor<2x2xf32>
// VALUES-LABEL: match_rms:
// VALUES-NEXT: 5 -5
// VALUES-NEXT: 0.4 0.4
func.func @match_rms() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, -1.0], [0.1, 0.1]]> : tensor<2x2xf32>
  %t = arith.constant dense<[[7.0, 1.0], [2.0, -2.0]]> : tensor<2x2xf32>
  %y = gemma.match_rms %x, %t floor 0.25 : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
