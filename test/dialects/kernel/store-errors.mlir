// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @store_c1(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<32 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects the width of the place to be 64, but it is 32}}
  kernel.store %0, %y : !kernel.row<64>, !kernel.rows<32 x f32>
}

// -----

// The rows come from below, so that only the store is looked at.
kernel.func @store_c2(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
  // expected-error @below {{'kernel.store' op expects a kernel whose unit is 'row' or 'wanted', but it is 'block'}}
  kernel.store %0, %x : !kernel.row<64>, !kernel.rows<64 x f32>
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
}

// -----

kernel.func @store_c1_keys(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x keys>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects a place for numbers, but it is one for keys}}
  kernel.store %0, %y : !kernel.row<64>, !kernel.rows<64 x keys>
}

// -----

kernel.func @store_c1_bits(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x bits>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects a place for numbers, but it is one for bits}}
  kernel.store %0, %y : !kernel.row<64>, !kernel.rows<64 x bits>
}
