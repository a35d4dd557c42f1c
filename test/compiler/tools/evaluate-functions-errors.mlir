// RUN: split-file %s %t
// RUN: not lapidary-translate --evaluate %t/name.mlir --entry g 2>&1 | FileCheck %t/name.mlir
// RUN: not lapidary-translate --evaluate %t/argument.mlir 2>&1 | FileCheck %t/argument.mlir
// RUN: not lapidary-translate --evaluate %t/formula.mlir 2>&1 | FileCheck %t/formula.mlir

//--- name.mlir
// CHECK: error: the module has no function 'g'
func.func @f() {
  return
}

//--- argument.mlir
// CHECK: error: function 'f' takes more tensors than it is given
func.func @f(%x: tensor<2xf32>) {
  return
}

//--- formula.mlir
// CHECK: error: 'arith.negf' is not defined by a formula
func.func @f() {
  %x = arith.constant dense<1.0> : tensor<2xf32>
  %y = arith.negf %x : tensor<2xf32>
  return
}
