// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @group_c1(%r: !kernel.routing<128 top 8>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel of one unit and one slice}}
  kernel.group %r rows <row> : !kernel.routing<128 top 8>
}

// -----

kernel.func @group_c1_slices(%r: !kernel.routing<128 top 8>) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects a kernel of one unit and one slice}}
  kernel.group %r rows <row> : !kernel.routing<128 top 8>
}
