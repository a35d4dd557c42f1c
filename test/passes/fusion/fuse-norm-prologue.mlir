// RUN: lapidary-opt %s --gemma-fuse-norm-prologue --split-input-file | FileCheck %s

#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>

// CHECK-LABEL: func @products
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[N:.*]]: tensor<4xbf16>, %[[W:.*]]: tensor<4x4xf32>)
func.func @products(%x: tensor<?x4xf32>, %n: tensor<4xbf16>, %w: tensor<4x4xf32>) -> (tensor<?x4xf32>, tensor<?x2xf32>) {
  // CHECK-NEXT: %[[Y:.*]] = gemma.linear %[[X]], %[[W]] norm(%[[N]] : tensor<4xbf16>, <epsilon = 5.000000e-01 : f32, weight_offset = 1.000000e+00 : f32>)
  // CHECK-NEXT: %[[Z:.*]] = gemma.gated_linear %[[X]], %[[W]] norm(%[[N]] : tensor<4xbf16>, <epsilon = 5.000000e-01 : f32, weight_offset = 1.000000e+00 : f32>)
  // CHECK-NEXT: return %[[Y]], %[[Z]]
  %0 = gemma.rms_norm %x, %n, #norm : tensor<?x4xf32>, tensor<4xbf16>
  %1 = gemma.linear %0, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %2 = gemma.gated_linear %0, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x2xf32>
  return %1, %2 : tensor<?x4xf32>, tensor<?x2xf32>
}

// -----
// CHECK-LABEL: func @other_user
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
func.func @other_user(%x: tensor<?x4xf32>, %n: tensor<4xbf16>, %w: tensor<4x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  // CHECK-NEXT: gemma.rms_norm
  // CHECK-NOT:  norm(
  %0 = gemma.rms_norm %x, %n, #norm : tensor<?x4xf32>, tensor<4xbf16>
  %1 = gemma.linear %0, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----
// The product reads the norm as its residual too.
// CHECK-LABEL: func @residual
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
func.func @residual(%x: tensor<?x4xf32>, %n: tensor<4xbf16>, %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: gemma.rms_norm
  // CHECK-NOT:  norm(
  %0 = gemma.rms_norm %x, %n, #norm : tensor<?x4xf32>, tensor<4xbf16>
  %1 = gemma.linear %0, %w add(%0 : tensor<?x4xf32>) : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// -----
// The inner of two norms stays.
// CHECK-LABEL: func @normalizes_already
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[N:.*]]: tensor<4xbf16>, %[[W:.*]]: tensor<4x4xf32>)
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
func.func @normalizes_already(%x: tensor<?x4xf32>, %n: tensor<4xbf16>, %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = gemma.rms_norm %[[X]]
  // CHECK-NEXT: gemma.linear %[[Y]]
  %0 = gemma.rms_norm %x, %n, #norm : tensor<?x4xf32>, tensor<4xbf16>
  %1 = gemma.linear %0, %w norm(%n : tensor<4xbf16>, #norm) : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}
