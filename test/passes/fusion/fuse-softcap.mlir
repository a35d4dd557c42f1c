// RUN: lapidary-opt %s --gemma-fuse-softcap --split-input-file | FileCheck %s

// CHECK-LABEL: func @logits
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<2x4xf32>)
func.func @logits(%x: tensor<?x4xf32>, %w: tensor<2x4xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: %[[Y:.*]] = gemma.linear %[[X]], %[[W]] softcap(3.000000e+01)
  // CHECK-NEXT: return %[[Y]]
  %0 = gemma.linear %x, %w : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %1 = gemma.softcap %0 at 30.0 : tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}

// -----
// CHECK-LABEL: func @no_product
func.func @no_product(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: gemma.softcap
  %0 = gemma.softcap %x at 30.0 : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----
// CHECK-LABEL: func @used_again
func.func @used_again(%x: tensor<?x4xf32>, %w: tensor<2x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  // CHECK-NEXT: gemma.linear
  // CHECK-NEXT: gemma.softcap
  %0 = gemma.linear %x, %w : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %1 = gemma.softcap %0 at 30.0 : tensor<?x2xf32>
  return %0, %1 : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----
// A product adds behind its softcap, this one would have to before.
// CHECK-LABEL: func @adds_already
func.func @adds_already(%x: tensor<?x4xf32>, %w: tensor<2x4xf32>, %r: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: gemma.linear
  // CHECK-NEXT: gemma.softcap
  %0 = gemma.linear %x, %w add(%r : tensor<?x2xf32>) : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %1 = gemma.softcap %0 at 30.0 : tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}
