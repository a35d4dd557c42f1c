// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// The batch says which rows are wanted, here the last of each sequence.
// CHECK-LABEL: func @select_rows
// CHECK: gemma.select_rows %{{.*}}, %{{.*}} : tensor<3x2xf32> -> tensor<?x2xf32>
// VALUES-LABEL: select_rows:
// VALUES-NEXT: 3 4
// VALUES-NEXT: 5 6
func.func @select_rows(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [1, 0]], gemma.wanted = [1, 2]}) -> tensor<?x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %y = gemma.select_rows %x, %batch : tensor<3x2xf32> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
