// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @bias
// CHECK: gemma.bias %{{.*}}, %{{.*}} : tensor<2x2xf32>, tensor<2xbf16>
// VALUES-LABEL: bias:
// VALUES-NEXT: 4.5 1
// VALUES-NEXT: 8.5 4
func.func @bias() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[4.0, -2.0], [8.0, 1.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[0.5, 3.0]> : tensor<2xbf16>
  %y = gemma.bias %x, %b : tensor<2x2xf32>, tensor<2xbf16>
  return %y : tensor<2x2xf32>
}
