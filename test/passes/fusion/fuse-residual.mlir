// RUN: lapidary-opt %s --gemma-fuse-residual --split-input-file | FileCheck %s

#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>

// The residual is made behind the product, which has to move.
// CHECK-LABEL: func @post_norm
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[N:.*]]: tensor<4xbf16>, %[[W:.*]]: tensor<4x4xf32>)
func.func @post_norm(%x: tensor<?x4xf32>, %n: tensor<4xbf16>, %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[R:.*]] = gemma.scale %[[X]]
  // CHECK-NEXT: %[[Y:.*]] = gemma.linear %[[X]], %[[W]] post_norm(%[[N]] : tensor<4xbf16>, <epsilon = 5.000000e-01 : f32, weight_offset = 1.000000e+00 : f32>) add(%[[R]] : tensor<?x4xf32>)
  // CHECK-NEXT: return %[[Y]]
  %0 = gemma.linear %x, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.scale %x by 2.0 : tensor<?x4xf32>
  %2 = gemma.rms_norm %0, %n, #norm : tensor<?x4xf32>, tensor<4xbf16>
  %3 = gemma.add %1, %2 : tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// CHECK-LABEL: func @no_post_norm
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<4x4xf32>)
func.func @no_post_norm(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = gemma.linear %[[X]], %[[W]] add(%[[X]] : tensor<?x4xf32>)
  // CHECK-NEXT: return %[[Y]]
  %0 = gemma.linear %x, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.add %x, %0 : tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// CHECK-LABEL: func @has_post_norm
func.func @has_post_norm(%x: tensor<?x4xf32>, %n: tensor<4xbf16>, %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: gemma.linear {{.*}} post_norm({{.*}}) add(
  // CHECK-NEXT: return
  %0 = gemma.linear %x, %w post_norm(%n : tensor<4xbf16>, #norm) : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.add %x, %0 : tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// -----
// CHECK-LABEL: func @no_product
func.func @no_product(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: gemma.add
  %0 = gemma.add %x, %x : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----
// CHECK-LABEL: func @product_used_again
func.func @product_used_again(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: gemma.linear
  // CHECK-NEXT: gemma.add
  %0 = gemma.linear %x, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.add %0, %0 : tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
// CHECK-LABEL: func @norm_used_again
func.func @norm_used_again(%x: tensor<?x4xf32>, %n: tensor<4xbf16>, %w: tensor<4x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  // CHECK-NEXT: gemma.linear
  // CHECK-NEXT: gemma.rms_norm
  // CHECK-NEXT: gemma.add
  %0 = gemma.linear %x, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.rms_norm %0, %n, #norm : tensor<?x4xf32>, tensor<4xbf16>
  %2 = gemma.add %x, %1 : tensor<?x4xf32>
  return %1, %2 : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----
// CHECK-LABEL: func @adds_already
func.func @adds_already(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: gemma.linear
  // CHECK-NEXT: gemma.add
  %0 = gemma.linear %x, %w add(%x : tensor<?x4xf32>) : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.add %x, %0 : tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// -----
#norm = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
// CHECK-LABEL: func @two_post_norms
func.func @two_post_norms(%x: tensor<?x4xf32>, %n: tensor<4xbf16>, %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: gemma.linear
  // CHECK-NEXT: gemma.rms_norm
  // CHECK-NEXT: gemma.add
  %0 = gemma.linear %x, %w post_norm(%n : tensor<4xbf16>, #norm) : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %1 = gemma.rms_norm %0, %n, #norm : tensor<?x4xf32>, tensor<4xbf16>
  %2 = gemma.add %x, %1 : tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}
