// RUN: lapidary-opt %s --gemma-round-embedding-scale | FileCheck %s

// The square root of 1152 is 33.94, which bfloat16 rounds to 34.
// CHECK-LABEL: func @bf16_table
func.func @bf16_table(%tokens: tensor<?xi32>, %table: tensor<4x1152xbf16>) -> tensor<?x1152xf32> {
  // CHECK-NEXT: gemma.embed {{.*}} scale 3.400000e+01
  %0 = gemma.embed %tokens, %table scale 33.941124 : tensor<?xi32>, tensor<4x1152xbf16> -> tensor<?x1152xf32>
  return %0 : tensor<?x1152xf32>
}

// CHECK-LABEL: func @f16_table
func.func @f16_table(%tokens: tensor<?xi32>, %table: tensor<4x1152xf16>) -> tensor<?x1152xf32> {
  // CHECK-NEXT: gemma.embed {{.*}} scale 3.393750e+01
  %0 = gemma.embed %tokens, %table scale 33.941124 : tensor<?xi32>, tensor<4x1152xf16> -> tensor<?x1152xf32>
  return %0 : tensor<?x1152xf32>
}

// CHECK-LABEL: func @rounded_already
func.func @rounded_already(%tokens: tensor<?xi32>, %table: tensor<4x1152xf32>) -> tensor<?x1152xf32> {
  // CHECK-NEXT: gemma.embed {{.*}} scale 33.941124
  %0 = gemma.embed %tokens, %table scale 33.941124 : tensor<?xi32>, tensor<4x1152xf32> -> tensor<?x1152xf32>
  return %0 : tensor<?x1152xf32>
}

// CHECK-LABEL: func @no_float_type
func.func @no_float_type(%tokens: tensor<?xi32>, %table: tensor<4x1152x!gemma.quant<int8, group = 32>>) -> tensor<?x1152xf32> {
  // CHECK-NEXT: gemma.embed {{.*}} scale 33.941124
  %0 = gemma.embed %tokens, %table scale 33.941124 : tensor<?xi32>, tensor<4x1152x!gemma.quant<int8, group = 32>> -> tensor<?x1152xf32>
  return %0 : tensor<?x1152xf32>
}
