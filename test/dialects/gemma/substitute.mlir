// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @substitute
// CHECK: gemma.substitute %{{.*}}, %{{.*}} token 7 by %{{.*}} : tensor<3x2xf32>, tensor<3xi32>, tensor<2xf32>
// VALUES-LABEL: substitute:
// VALUES-NEXT: 1 2
// VALUES-NEXT: 8 9
// VALUES-NEXT: 5 6
func.func @substitute() -> tensor<3x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %tokens = arith.constant dense<[6, 7, 8]> : tensor<3xi32>
  %row = arith.constant dense<[8.0, 9.0]> : tensor<2xf32>
  %y = gemma.substitute %x, %tokens token 7 by %row : tensor<3x2xf32>, tensor<3xi32>, tensor<2xf32>
  return %y : tensor<3x2xf32>
}
