// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @substitute_c1(%x: !kernel.rows<64 x f32>, %tokens: !kernel.list, %v: !kernel.vector<32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects the length of the vector to be 64, but it is 32}}
  %1 = kernel.substitute %0, %tokens token 510 by %v : !kernel.row<64>, !kernel.vector<32>
}
