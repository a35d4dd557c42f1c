// RUN: lapidary-reduce %s --reduction-tree='traversal-mode=0 test=%S/Inputs/has-softcap.sh' 2> /dev/null | FileCheck %s

// What the tester does not need goes.
// CHECK-NOT: func @rest
func.func @rest(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = gemma.gelu %x : tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}

// CHECK: func.func @faulty
// CHECK: gemma.softcap
// CHECK-NOT: func @rest
func.func @faulty(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = gemma.softcap %x at 3.0 : tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}
