// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @mean_c1(%x: !kernel.rows<64 x bf16>, %wanted: !kernel.list, %positions: !kernel.list, %ends: !kernel.list) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'rows' in f32, but it is in bf16}}
  %0 = kernel.mean %x of(%wanted, %positions, %ends) : !kernel.rows<64 x bf16> -> !kernel.row<64>
}

// -----

kernel.func @mean_c1_width(%x: !kernel.rows<64 x f32>, %wanted: !kernel.list, %positions: !kernel.list, %ends: !kernel.list) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the result to be 64, but it is 32}}
  %0 = kernel.mean %x of(%wanted, %positions, %ends) : !kernel.rows<64 x f32> -> !kernel.row<32>
}

// -----

kernel.func @mean_c2(%x: !kernel.rows<64 x f32>, %wanted: !kernel.list, %positions: !kernel.list, %ends: !kernel.list) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'wanted', but it is 'row'}}
  %0 = kernel.mean %x of(%wanted, %positions, %ends) : !kernel.rows<64 x f32> -> !kernel.row<64>
}
