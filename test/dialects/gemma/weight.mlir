// RUN: lapidary-opt %s --cse | FileCheck %s
// RUN: printf '\000\000\200\077' > %t.bin
// RUN: sed 's:FILE:%t.bin:' %s > %t.mlir
// RUN: lapidary-translate --evaluate %t.mlir | FileCheck %s --check-prefix=VALUES

gemma.param @norm : tensor<1xf32> from "FILE" at 0

// A parameter is read once, however often it is named.
// CHECK-LABEL: func @weight
// CHECK-NEXT: gemma.weight @norm : tensor<1xf32>
// CHECK-NEXT: return %0, %0
// VALUES-LABEL: weight:
// VALUES-NEXT: 1
// VALUES-NEXT: 1
func.func @weight() -> (tensor<1xf32>, tensor<1xf32>) {
  %0 = gemma.weight @norm : tensor<1xf32>
  %1 = gemma.weight @norm : tensor<1xf32>
  return %0, %1 : tensor<1xf32>, tensor<1xf32>
}
