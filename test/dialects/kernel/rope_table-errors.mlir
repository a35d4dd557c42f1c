// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @rope_table_c1(%positions: !kernel.list, %f: !kernel.vector<32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the result to be 64, but it is 32}}
  %0 = kernel.rope_table %positions, %f : !kernel.vector<32> -> !kernel.row<32>
}

// -----

kernel.func @rope_table_c2(%positions: !kernel.list, %f: !kernel.vector<32>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'row' or 'wanted', but it is 'one'}}
  %0 = kernel.rope_table %positions, %f : !kernel.vector<32> -> !kernel.row<64>
}
