// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @combine_c1(%x: !kernel.rows<64 x q8>, %r: !kernel.routing<4 top 2>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'rows' in f32, but it is in q8}}
  %0 = kernel.combine %x by %r : !kernel.rows<64 x q8>, !kernel.routing<4 top 2> -> !kernel.row<64>
}

// -----

kernel.func @combine_c1_width(%x: !kernel.rows<64 x f32>, %r: !kernel.routing<4 top 2>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the result to be 64, but it is 32}}
  %0 = kernel.combine %x by %r : !kernel.rows<64 x f32>, !kernel.routing<4 top 2> -> !kernel.row<32>
}

// -----

kernel.func @combine_c2(%x: !kernel.rows<64 x f32>, %r: !kernel.routing<4 top 2>)
    attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'row' or 'wanted', but it is 'one'}}
  %0 = kernel.combine %x by %r : !kernel.rows<64 x f32>, !kernel.routing<4 top 2> -> !kernel.row<64>
}
