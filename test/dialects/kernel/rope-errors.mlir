// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @rope_c1(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<48 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.load %t : !kernel.rows<48 x f32> -> !kernel.row<48>
  // expected-error @below {{expects the width of 'table' to divide the 64 of the row, but it is 48}}
  %2 = kernel.rope %0, %1 : !kernel.row<64>, !kernel.row<48>
}

// -----

kernel.func @rope_c1_even(%x: !kernel.rows<45 x f32>, %t: !kernel.rows<15 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<45 x f32> -> !kernel.row<45>
  %1 = kernel.load %t : !kernel.rows<15 x f32> -> !kernel.row<15>
  // expected-error @below {{expects an even width of 'table', but it is 15}}
  %2 = kernel.rope %0, %1 : !kernel.row<45>, !kernel.row<15>
}
