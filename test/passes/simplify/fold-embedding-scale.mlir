// RUN: lapidary-opt %s --gemma-fold-embedding-scale | FileCheck %s

// CHECK-LABEL: func @scaled_rows
// CHECK-SAME:  (%[[TOKENS:.*]]: tensor<?xi32>, %[[TABLE:.*]]: tensor<4x2xf32>)
func.func @scaled_rows(%tokens: tensor<?xi32>, %table: tensor<4x2xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: %[[X:.*]] = gemma.embed %[[TOKENS]], %[[TABLE]] scale 8.000000e+00
  // CHECK-NEXT: return %[[X]]
  %0 = gemma.embed %tokens, %table scale 1.0 : tensor<?xi32>, tensor<4x2xf32> -> tensor<?x2xf32>
  %1 = gemma.scale %0 by 8.0 : tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}

// CHECK-LABEL: func @no_embedding
func.func @no_embedding(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: gemma.scale
  %0 = gemma.scale %x by 8.0 : tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// The unscaled rows are wanted as well.
// CHECK-LABEL: func @used_again
func.func @used_again(%tokens: tensor<?xi32>, %table: tensor<4x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  // CHECK-NEXT: gemma.embed {{.*}} scale 1.000000e+00
  // CHECK-NEXT: gemma.scale
  %0 = gemma.embed %tokens, %table scale 1.0 : tensor<?xi32>, tensor<4x2xf32> -> tensor<?x2xf32>
  %1 = gemma.scale %0 by 8.0 : tensor<?x2xf32>
  return %0, %1 : tensor<?x2xf32>, tensor<?x2xf32>
}

// (w * 3) * 8 rounds twice, w * 24 once.
// CHECK-LABEL: func @scales_already
func.func @scales_already(%tokens: tensor<?xi32>, %table: tensor<4x2xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: gemma.embed {{.*}} scale 3.000000e+00
  // CHECK-NEXT: gemma.scale
  %0 = gemma.embed %tokens, %table scale 3.0 : tensor<?xi32>, tensor<4x2xf32> -> tensor<?x2xf32>
  %1 = gemma.scale %0 by 8.0 : tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}
