// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @gather_rows
// CHECK: gemma.gather_rows %{{.*}}, %{{.*}} : tensor<3x2xf32>, tensor<3xi64>
// VALUES-LABEL: gather_rows:
// VALUES-NEXT: 5 6
// VALUES-NEXT: 1 2
// VALUES-NEXT: 3 4
func.func @gather_rows() -> tensor<3x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %order = arith.constant dense<[2, 0, 1]> : tensor<3xi64>
  %y = gemma.gather_rows %x, %order : tensor<3x2xf32>, tensor<3xi64>
  return %y : tensor<3x2xf32>
}

// RUN: sed 's/2, 0, 1/2, 0, 3/' %s > %t.mlir
// RUN: not lapidary-translate --evaluate %t.mlir 2>&1 | FileCheck %s --check-prefix=ORDER
// ORDER: error: 'gemma.gather_rows' expects an order of 3 rows, but it names row 3
