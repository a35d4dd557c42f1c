// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @weighted_sum_c1(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<4 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.load %t : !kernel.rows<4 x f32> -> !kernel.row<4>
  // expected-error @below {{expects rows of '!kernel.row<64>', but one is '!kernel.row<4>'}}
  %2 = kernel.weighted_sum %1 from 0 of %0, %1 : !kernel.row<4>, !kernel.row<64>, !kernel.row<4> -> !kernel.row<64>
}

// -----

kernel.func @weighted_sum_c1_none(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<4 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %1 = kernel.load %t : !kernel.rows<4 x f32> -> !kernel.row<4>
  // expected-error @below {{expects a row}}
  %2 = "kernel.weighted_sum"(%1) {from = 0 : i64} : (!kernel.row<4>) -> !kernel.row<64>
}

// -----

kernel.func @weighted_sum_c2(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<4 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.load %t : !kernel.rows<4 x f32> -> !kernel.row<4>
  // expected-error @below {{expects a coefficient for each of 2 rows from 3 on, but there are only 4}}
  %2 = kernel.weighted_sum %1 from 3 of %0, %0 : !kernel.row<4>, !kernel.row<64>, !kernel.row<64> -> !kernel.row<64>
}

// -----

kernel.func @weighted_sum_c2_from(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<4 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.load %t : !kernel.rows<4 x f32> -> !kernel.row<4>
  // expected-error @below {{expects a coefficient for each of 1 rows from -1 on, but there are only 4}}
  %2 = kernel.weighted_sum %1 from -1 of %0 : !kernel.row<4>, !kernel.row<64> -> !kernel.row<64>
}
