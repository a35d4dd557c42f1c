// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// A factor for each column.
// CHECK-LABEL: func @columns
// CHECK: gemma.scale_by %{{.*}}, %{{.*}} : tensor<2x2xf32>, tensor<2xf32>
// VALUES-LABEL: columns:
// VALUES-NEXT: 2 -6
// VALUES-NEXT: 4 3
func.func @columns() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[4.0, -2.0], [8.0, 1.0]]> : tensor<2x2xf32>
  %w = arith.constant dense<[0.5, 3.0]> : tensor<2xf32>
  %y = gemma.scale_by %x, %w : tensor<2x2xf32>, tensor<2xf32>
  return %y : tensor<2x2xf32>
}

// One factor for all.
// CHECK-LABEL: func @single
// CHECK: gemma.scale_by %{{.*}}, %{{.*}} : tensor<2x2xf32>, tensor<1xbf16>
// VALUES-LABEL: single:
// VALUES-NEXT: 2 -1
// VALUES-NEXT: 4 0.5
func.func @single() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[4.0, -2.0], [8.0, 1.0]]> : tensor<2x2xf32>
  %w = arith.constant dense<[0.5]> : tensor<1xbf16>
  %y = gemma.scale_by %x, %w : tensor<2x2xf32>, tensor<1xbf16>
  return %y : tensor<2x2xf32>
}
