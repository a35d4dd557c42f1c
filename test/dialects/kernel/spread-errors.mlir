// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @spread_c1(%x: !kernel.rows<16 x q8>, %o: !kernel.vector<64>, %r: !kernel.routing<4 top 2>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'rows' in f32, but it is in q8}}
  %0 = kernel.spread %x, %o by %r : !kernel.rows<16 x q8>, !kernel.vector<64>, !kernel.routing<4 top 2> -> !kernel.row<64>
}

// -----

kernel.func @spread_c2_order(%x: !kernel.rows<16 x f32>, %o: !kernel.vector<32>, %r: !kernel.routing<4 top 2>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the length of the order to be 64, but it is 32}}
  %0 = kernel.spread %x, %o by %r : !kernel.rows<16 x f32>, !kernel.vector<32>, !kernel.routing<4 top 2> -> !kernel.row<64>
}

// -----

kernel.func @spread_c2_result(%x: !kernel.rows<16 x f32>, %o: !kernel.vector<64>, %r: !kernel.routing<4 top 2>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the result to be 64, but it is 16}}
  %0 = kernel.spread %x, %o by %r : !kernel.rows<16 x f32>, !kernel.vector<64>, !kernel.routing<4 top 2> -> !kernel.row<16>
}

// -----

kernel.func @spread_c3(%x: !kernel.rows<16 x f32>, %o: !kernel.vector<64>, %r: !kernel.routing<4 top 2>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'row' or 'wanted', but it is 'one'}}
  %0 = kernel.spread %x, %o by %r : !kernel.rows<16 x f32>, !kernel.vector<64>, !kernel.routing<4 top 2> -> !kernel.row<64>
}
