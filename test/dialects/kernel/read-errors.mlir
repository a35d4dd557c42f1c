// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @read_c1_unit(%w: !kernel.weight<4096 x 64 x int4>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'one', but it is 'row'}}
  kernel.read %w : !kernel.weight<4096 x 64 x int4>
}

// -----

// 256 panels of 576 bytes are 2.25 stretches.
kernel.func @read_c1_slices(%w: !kernel.weight<4096 x 64 x int4>) attributes {unit = #kernel.unit<one>, slices = 4 : i64} {
  // expected-error @below {{expects at most 3 slices, but there are 4}}
  kernel.read %w : !kernel.weight<4096 x 64 x int4>
}
