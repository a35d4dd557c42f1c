// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @scatter_c1(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<32 x q8>, %r: !kernel.routing<4 top 2>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects the width of the place to be 64, but it is 32}}
  kernel.scatter %0 to %y by %r : !kernel.row<64>, !kernel.rows<32 x q8>, !kernel.routing<4 top 2>
}

// -----

kernel.func @scatter_c1_dense(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x dense>, %r: !kernel.routing<4 top 2>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects rows with padding, but they are dense}}
  kernel.scatter %0 to %y by %r : !kernel.row<64>, !kernel.rows<64 x dense>, !kernel.routing<4 top 2>
}

// -----

kernel.func @scatter_c2(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x q8>, %r: !kernel.routing<4 top 2>)
    attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'row' or 'wanted', but it is 'one'}}
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  kernel.scatter %0 to %y by %r : !kernel.row<64>, !kernel.rows<64 x q8>, !kernel.routing<4 top 2>
}

// -----

kernel.func @scatter_c1_keys(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x keys>, %r: !kernel.routing<4 top 2>)
    attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects a place for numbers, but it is one for keys}}
  kernel.scatter %0 to %y by %r : !kernel.row<64>, !kernel.rows<64 x keys>, !kernel.routing<4 top 2>
}
