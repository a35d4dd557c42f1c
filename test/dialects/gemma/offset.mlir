// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func @offset
// CHECK: gemma.offset %{{.*}} by 1.000000e+00 : tensor<3xbf16> -> tensor<3xf32>
// VALUES-LABEL: offset:
// VALUES-NEXT: 1.00391 1 -1
func.func @offset() -> tensor<3xf32> {
  // bfloat16 cannot hold the first sum, 1 + 1/256; float32 can.
  %v = arith.constant dense<[0.00390625, 0.0, -2.0]> : tensor<3xbf16>
  %w = gemma.offset %v by 1.0 : tensor<3xbf16> -> tensor<3xf32>
  return %w : tensor<3xf32>
}
