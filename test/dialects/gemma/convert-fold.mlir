// RUN: lapidary-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func @same_format
// CHECK-SAME: (%[[W:.*]]: tensor<2x2xbf16>
// CHECK-NEXT: return %[[W]]
func.func @same_format(%w: tensor<2x2xbf16>) -> tensor<2x2xbf16> {
  %y = gemma.convert %w : tensor<2x2xbf16> -> tensor<2x2xbf16>
  return %y : tensor<2x2xbf16>
}

// Widening is exact, so there and back is nothing.
// CHECK-LABEL: func @there_and_back
// CHECK-SAME: (%[[W:.*]]: tensor<2x2xbf16>
// CHECK-NEXT: return %[[W]]
func.func @there_and_back(%w: tensor<2x2xbf16>) -> tensor<2x2xbf16> {
  %x = gemma.convert %w : tensor<2x2xbf16> -> tensor<2x2xf32>
  %y = gemma.convert %x : tensor<2x2xf32> -> tensor<2x2xbf16>
  return %y : tensor<2x2xbf16>
}

// Narrowing is not.
// CHECK-LABEL: func @narrow_and_back
// CHECK-COUNT-2: gemma.convert
func.func @narrow_and_back(%w: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %x = gemma.convert %w : tensor<2x2xf32> -> tensor<2x2xbf16>
  %y = gemma.convert %x : tensor<2x2xbf16> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
