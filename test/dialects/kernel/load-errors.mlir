// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @load_c1(%x: !kernel.rows<64 x q8>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'rows' in f32, but it is in q8}}
  %0 = kernel.load %x : !kernel.rows<64 x q8> -> !kernel.row<64>
}

// -----

kernel.func @load_c2(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the result to be 64, but it is 63}}
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<63>
}

// -----

kernel.func @load_c2_offset(%x: !kernel.rows<64 x f32>, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects at most 64 columns, but takes 65}}
  %0 = kernel.load %x offset %offset : !kernel.rows<64 x f32> -> !kernel.row<65>
}

// -----

kernel.func @load_c3(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'row' or 'wanted', but it is 'one'}}
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
}
