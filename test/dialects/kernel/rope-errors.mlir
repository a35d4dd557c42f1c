// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @rope_c1_heads(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<48 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.load %t : !kernel.rows<48 x f32> -> !kernel.row<48>
  // expected-error @below {{expects 'head_dim' to divide the 64 of the row, but it is 48}}
  %2 = kernel.rope %0, %1 {head_dim = 48 : i64} : !kernel.row<64>, !kernel.row<48>
}

// -----

kernel.func @rope_c1_wide(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<48 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.load %t : !kernel.rows<48 x f32> -> !kernel.row<48>
  // expected-error @below {{expects the width of 'table' to be even and at most 32, but it is 48}}
  %2 = kernel.rope %0, %1 {head_dim = 32 : i64} : !kernel.row<64>, !kernel.row<48>
}

// -----

kernel.func @rope_c1_odd(%x: !kernel.rows<45 x f32>, %t: !kernel.rows<15 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<45 x f32> -> !kernel.row<45>
  %1 = kernel.load %t : !kernel.rows<15 x f32> -> !kernel.row<15>
  // expected-error @below {{expects the width of 'table' to be even and at most 15, but it is 15}}
  %2 = kernel.rope %0, %1 {head_dim = 15 : i64} : !kernel.row<45>, !kernel.row<15>
}
