// Functions that bring their own numbers run one after the other, or one alone.
// RUN: lapidary-translate --evaluate %s | FileCheck %s
// RUN: lapidary-translate --evaluate %s --entry second | FileCheck %s --check-prefix=SECOND

// CHECK: first:
// CHECK-NEXT: 0.5 1
// CHECK-NEXT: 1.5 2
// CHECK-NEXT: second:
// CHECK-NEXT: 1000
// SECOND-NOT: first
func.func @first() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[0.5, 1.0], [1.5, 2.0]]> : tensor<2x2xf32>
  return %x : tensor<2x2xf32>
}

func.func @second() -> tensor<1x1xf32> {
  %x = arith.constant dense<1000.0> : tensor<1x1xf32>
  return %x : tensor<1x1xf32>
}
