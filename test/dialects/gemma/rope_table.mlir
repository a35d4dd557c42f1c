// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s
// RUN: lapidary-translate --evaluate %s | FileCheck %s --check-prefix=VALUES

// Frequencies 1 and 1 / sqrt(10000) = 0.01; cosines, then sines of both.
// CHECK-LABEL: func @rope_table
// CHECK: gemma.rope_table %{{.*}} base 1.000000e+04 factor 1.000000e+00 : tensor<?x4xf32>
// VALUES-LABEL: rope_table:
// VALUES-NEXT: 1 1 0 0
// VALUES-NEXT: 0.540302 0.99995 0.841471 0.00999983
// VALUES-NEXT: 0.862319 0.540302 -0.506366 0.841471
func.func @rope_table(%batch: !gemma.batch {gemma.rows = [[0, 0], [0, 1], [7, 100]]}) -> tensor<?x4xf32> {
  %t = gemma.rope_table %batch base 1.0e4 factor 1.0 : tensor<?x4xf32>
  return %t : tensor<?x4xf32>
}

// Positions, divided by 8: the second row of the table above at position 8.
// CHECK-LABEL: func @interpolated
// VALUES-LABEL: interpolated:
// VALUES-NEXT: 0.540302 0.99995 0.841471 0.00999983
func.func @interpolated(%batch: !gemma.batch {gemma.rows = [[0, 8]]}) -> tensor<?x4xf32> {
  %t = gemma.rope_table %batch base 1.0e4 factor 8.0 : tensor<?x4xf32>
  return %t : tensor<?x4xf32>
}

// The first of two pairs rotates, the other stays.
// CHECK-LABEL: func @some_pairs
// CHECK: gemma.rope_table %{{.*}} base 1.000000e+04 factor 1.000000e+00 pairs(1) : tensor<?x4xf32>
// VALUES-LABEL: some_pairs:
// VALUES-NEXT: 0.862319 1 -0.506366 0
func.func @some_pairs(%batch: !gemma.batch {gemma.rows = [[0, 100]]}) -> tensor<?x4xf32> {
  %t = gemma.rope_table %batch base 1.0e4 factor 1.0 pairs(1) : tensor<?x4xf32>
  return %t : tensor<?x4xf32>
}

// The angles of position 1, at position 0.
// CHECK-LABEL: func @ahead
// CHECK: gemma.rope_table %{{.*}} base 1.000000e+04 factor 1.000000e+00 ahead 1 : tensor<?x4xf32>
// VALUES-LABEL: ahead:
// VALUES-NEXT: 0.540302 0.99995 0.841471 0.00999983
func.func @ahead(%batch: !gemma.batch {gemma.rows = [[0, 0]]}) -> tensor<?x4xf32> {
  %t = gemma.rope_table %batch base 1.0e4 factor 1.0 ahead 1 : tensor<?x4xf32>
  return %t : tensor<?x4xf32>
}
