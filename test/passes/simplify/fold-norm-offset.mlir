// RUN: lapidary-opt %s --gemma-fold-norm-offset | FileCheck %s

#one = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 1.0 : f32>
#two = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 2.0 : f32>
#none = #gemma.norm<epsilon = 0.5 : f32, weight_offset = 0.0 : f32>

// CHECK-LABEL: func @rms_norm
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<4xbf16>)
func.func @rms_norm(%x: tensor<?x4xf32>, %w: tensor<4xbf16>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[V:.*]] = gemma.offset %[[W]] by 1.000000e+00 : tensor<4xbf16> -> tensor<4xf32>
  // CHECK-NEXT: gemma.rms_norm %[[X]], %[[V]], <epsilon = 5.000000e-01 : f32, weight_offset = 0.000000e+00 : f32>
  %0 = gemma.rms_norm %x, %w, #one : tensor<?x4xf32>, tensor<4xbf16>
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: func @linear
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<4x4xf32>, %[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<4xbf16>)
func.func @linear(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>, %a: tensor<4xf32>, %b: tensor<4xbf16>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[C:.*]] = gemma.offset %[[A]] by 1.000000e+00 : tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: %[[D:.*]] = gemma.offset %[[B]] by 2.000000e+00 : tensor<4xbf16> -> tensor<4xf32>
  // CHECK-NEXT: gemma.linear %[[X]], %[[W]] norm(%[[C]] : tensor<4xf32>, {{.*}}weight_offset = 0.000000e+00 : f32>) post_norm(%[[D]] : tensor<4xf32>, {{.*}}weight_offset = 0.000000e+00 : f32>)
  %0 = gemma.linear %x, %w norm(%a : tensor<4xf32>, #one) post_norm(%b : tensor<4xbf16>, #two) : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: func @gated_linear
// CHECK-SAME:  (%[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<4x4xf32>, %[[A:.*]]: tensor<4xf32>)
func.func @gated_linear(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>, %a: tensor<4xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: %[[B:.*]] = gemma.offset %[[A]] by 1.000000e+00
  // CHECK-NEXT: gemma.gated_linear %[[X]], %[[W]] norm(%[[B]] : tensor<4xf32>, {{.*}}weight_offset = 0.000000e+00 : f32>)
  %0 = gemma.gated_linear %x, %w norm(%a : tensor<4xf32>, #one) : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// CHECK-LABEL: func @no_offset
func.func @no_offset(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>, %a: tensor<4xbf16>) -> tensor<?x4xf32> {
  // CHECK-NOT: gemma.offset
  %0 = gemma.rms_norm %x, %a, #none : tensor<?x4xf32>, tensor<4xbf16>
  %1 = gemma.linear %0, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}
