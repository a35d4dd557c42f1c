// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

gemma.cache @layer : !gemma.kv<1 x 1> window 0

func.func @append(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [0, 2]]}) {
  %k = arith.constant dense<0.0> : tensor<3x1x1xf32>
  %v = arith.constant dense<[[[2.0]], [[4.0]], [[9.0]]]> : tensor<3x1x1xf32>
  %kv = gemma.append %k, %v, %batch to @layer : tensor<3x1x1xf32>, !gemma.kv<1 x 1>
  return
}

// A query sees what stands before it and at its place: (2 + 4) / 2.
// CHECK-LABEL: func @past
// CHECK: gemma.past @layer : <1 x 1>
// VALUES-LABEL: past:
// VALUES-NEXT: 3
func.func @past(%batch: !gemma.batch {gemma.rows = [[0, 1]]}) -> tensor<1x1xf32> {
  %q = arith.constant dense<0.0> : tensor<1x1x1xf32>
  %kv = gemma.past @layer : !gemma.kv<1 x 1>
  %y = gemma.attention %q, %kv, %batch scale 1.0 window 0 : tensor<1x1x1xf32>, !gemma.kv<1 x 1> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// RUN: sed 's/\[\[0, 1\]\]/[[0, 3]]/' %s > %t.mlir
// RUN: not lapidary-translate --evaluate %t.mlir 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: error: 'gemma.past' expects 'layer' to have position 3 of sequence 0
