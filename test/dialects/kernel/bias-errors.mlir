// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @bias_c1(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<1>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects the width of the weight to be 64, but it is 1}}
  %1 = kernel.bias %0, %w : !kernel.row<64>, !kernel.vector<1>
}
