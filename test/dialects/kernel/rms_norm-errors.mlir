// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @rms_norm_c1(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<48>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects the width of 'weight' to divide the 64 of the row, but it is 48}}
  %1 = kernel.rms_norm %0, %w epsilon 1.0e-6 : !kernel.row<64>, !kernel.vector<48>
}

// -----

kernel.func @rms_norm_c2(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<64>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects 'epsilon' to be at least 0, but it is -1.0}}
  %1 = kernel.rms_norm %0, %w epsilon -1.0 : !kernel.row<64>, !kernel.vector<64>
}
