// RUN: lapidary-opt %s --gemma-fuse-gated-mlp --split-input-file | FileCheck %s

// CHECK-LABEL: func @gate_and_up
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[G:.*]]: tensor<2x4xbf16>, %[[U:.*]]: tensor<2x4xbf16>)
func.func @gate_and_up(%x: tensor<?x4xf32>, %g: tensor<2x4xbf16>, %u: tensor<2x4xbf16>) -> tensor<?x2xf32> {
  // CHECK-NEXT: %[[W:.*]] = gemma.interleave_rows %[[G]], %[[U]] : tensor<2x4xbf16> -> tensor<4x4xbf16>
  // CHECK-NEXT: %[[Y:.*]] = gemma.gated_linear %[[X]], %[[W]] {product = #gemma.product<bf16>}
  // CHECK-NEXT: return %[[Y]]
  %0 = gemma.linear %x, %g {product = #gemma.product<bf16>} : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %1 = gemma.linear %x, %u {product = #gemma.product<bf16>} : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %2 = gemma.gelu %0 : tensor<?x2xf32>
  %3 = gemma.mul %2, %1 : tensor<?x2xf32>
  return %3 : tensor<?x2xf32>
}

// -----
// CHECK-LABEL: func @no_gate
// CHECK-NOT:   gemma.gated_linear
func.func @no_gate(%x: tensor<?x4xf32>, %y: tensor<?x2xf32>, %u: tensor<2x4xf32>) -> tensor<?x2xf32> {
  %0 = gemma.linear %x, %u : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %1 = gemma.gelu %y : tensor<?x2xf32>
  %2 = gemma.mul %1, %0 : tensor<?x2xf32>
  return %2 : tensor<?x2xf32>
}

// -----
// CHECK-LABEL: func @used_again
// CHECK-NOT:   gemma.gated_linear
func.func @used_again(%x: tensor<?x4xf32>, %g: tensor<2x4xf32>, %u: tensor<2x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %0 = gemma.linear %x, %g : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %1 = gemma.linear %x, %u : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %2 = gemma.gelu %0 : tensor<?x2xf32>
  %3 = gemma.mul %2, %1 : tensor<?x2xf32>
  return %3, %1 : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----
// The projections read different rows, so there is no shared read to save.
// CHECK-LABEL: func @two_inputs
// CHECK-NOT:   gemma.gated_linear
func.func @two_inputs(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>, %g: tensor<2x4xf32>, %u: tensor<2x4xf32>) -> tensor<?x2xf32> {
  %0 = gemma.linear %x, %g : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %1 = gemma.linear %y, %u : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %2 = gemma.gelu %0 : tensor<?x2xf32>
  %3 = gemma.mul %2, %1 : tensor<?x2xf32>
  return %3 : tensor<?x2xf32>
}

// -----
// CHECK-LABEL: func @fused_already
// CHECK-NOT:   gemma.gated_linear
func.func @fused_already(%x: tensor<?x4xf32>, %g: tensor<2x4xf32>, %u: tensor<2x4xf32>) -> tensor<?x2xf32> {
  %0 = gemma.linear %x, %g softcap(2.0) : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %1 = gemma.linear %x, %u : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %2 = gemma.gelu %0 : tensor<?x2xf32>
  %3 = gemma.mul %2, %1 : tensor<?x2xf32>
  return %3 : tensor<?x2xf32>
}

// -----
// CHECK-LABEL: func @product_types_differ
// CHECK-NOT:   gemma.gated_linear
func.func @product_types_differ(%x: tensor<?x4xf32>, %g: tensor<2x4xbf16>, %u: tensor<2x4xbf16>) -> tensor<?x2xf32> {
  %0 = gemma.linear %x, %g {product = #gemma.product<bf16>} : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %1 = gemma.linear %x, %u : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %2 = gemma.gelu %0 : tensor<?x2xf32>
  %3 = gemma.mul %2, %1 : tensor<?x2xf32>
  return %3 : tensor<?x2xf32>
}

// -----
// CHECK-LABEL: func @weight_types_differ
// CHECK-NOT:   gemma.gated_linear
func.func @weight_types_differ(%x: tensor<?x4xf32>, %g: tensor<2x4xbf16>, %u: tensor<2x4xf32>) -> tensor<?x2xf32> {
  %0 = gemma.linear %x, %g : tensor<?x4xf32>, tensor<2x4xbf16> -> tensor<?x2xf32>
  %1 = gemma.linear %x, %u : tensor<?x4xf32>, tensor<2x4xf32> -> tensor<?x2xf32>
  %2 = gemma.gelu %0 : tensor<?x2xf32>
  %3 = gemma.mul %2, %1 : tensor<?x2xf32>
  return %3 : tensor<?x2xf32>
}
