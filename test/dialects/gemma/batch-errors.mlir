// RUN: split-file %s %t
// RUN: not lapidary-translate --evaluate %t/order.mlir 2>&1 | FileCheck %t/order.mlir
// RUN: not lapidary-translate --evaluate %t/apart.mlir 2>&1 | FileCheck %t/apart.mlir
// RUN: not lapidary-translate --evaluate %t/negative.mlir 2>&1 | FileCheck %t/negative.mlir
// RUN: not lapidary-translate --evaluate %t/wanted.mlir 2>&1 | FileCheck %t/wanted.mlir
// RUN: not lapidary-translate --evaluate %t/pairs.mlir 2>&1 | FileCheck %t/pairs.mlir

//--- order.mlir
// CHECK: error: a batch has the rows of a sequence together and in order, but position 3 of sequence 0 is out of place
func.func @f(%batch: !gemma.batch {gemma.rows = [[0, 1], [0, 3]]}) {
  return
}

//--- apart.mlir
// CHECK: error: a batch has the rows of a sequence together and in order, but position 2 of sequence 0 is out of place
func.func @f(%batch: !gemma.batch {gemma.rows = [[0, 1], [1, 0], [0, 2]]}) {
  return
}

//--- negative.mlir
// CHECK: error: a batch has the rows of a sequence together and in order, but position -1 of sequence 0 is out of place
func.func @f(%batch: !gemma.batch {gemma.rows = [[0, -1]]}) {
  return
}

//--- wanted.mlir
// CHECK: error: row 1 of a batch is wanted, but it has only 1
func.func @f(%batch: !gemma.batch {gemma.rows = [[0, 0]], gemma.wanted = [1]}) {
  return
}

//--- pairs.mlir
// CHECK: error: function 'f': expected 'gemma.rows' to list pairs of sequence and position
func.func @f(%batch: !gemma.batch {gemma.rows = [[1]]}) {
  return
}
