// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// One wanted row stands for its sequence, whichever it is.
// CHECK-LABEL: func @mean_rows
// CHECK: gemma.mean_rows %{{.*}}, %{{.*}} : tensor<3x2xf32> -> tensor<?x2xf32>
// VALUES-LABEL: mean_rows:
// VALUES-NEXT: 5 6
// VALUES-NEXT: 2 3
func.func @mean_rows(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [1, 0]], gemma.wanted = [2, 0]}) -> tensor<?x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %y = gemma.mean_rows %x, %batch : tensor<3x2xf32> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
