// RUN: lapidary-opt %s --canonicalize | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @scale
// CHECK: gemma.scale %{{.*}} by 5.000000e-01 : tensor<1x2xf32>
// VALUES-LABEL: scale:
// VALUES-NEXT: 2 -3
func.func @scale() -> tensor<1x2xf32> {
  %x = arith.constant dense<[[4.0, -6.0]]> : tensor<1x2xf32>
  %y = gemma.scale %x by 0.5 : tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// By one: nothing.
// CHECK-LABEL: func @scale_by_one
// CHECK-NOT: gemma.scale
// VALUES-LABEL: scale_by_one:
// VALUES-NEXT: 4 -6
func.func @scale_by_one() -> tensor<1x2xf32> {
  %x = arith.constant dense<[[4.0, -6.0]]> : tensor<1x2xf32>
  %y = gemma.scale %x by 1.0 : tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
