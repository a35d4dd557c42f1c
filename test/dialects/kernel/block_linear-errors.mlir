// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @block_linear_c1(%x: !kernel.rows<64 x bf16>, %w: !kernel.table<64 x 16 x bf16>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<one>, slices = 4 : i64} {
  // expected-error @below {{expects 'input' in f32, but it is in bf16}}
  kernel.block_linear %x, %w to %y rows <row> : !kernel.rows<64 x bf16>, !kernel.table<64 x 16 x bf16> to !kernel.rows<64 x f32>
}

// -----

kernel.func @block_linear_c2_rows(%x: !kernel.rows<64 x f32>, %w: !kernel.table<32 x 16 x bf16>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<one>, slices = 4 : i64} {
  // expected-error @below {{expects the number of rows of the weight to be 64, but it is 32}}
  kernel.block_linear %x, %w to %y rows <row> : !kernel.rows<64 x f32>, !kernel.table<32 x 16 x bf16> to !kernel.rows<64 x f32>
}

// -----

kernel.func @block_linear_c2_slices(%x: !kernel.rows<64 x f32>, %w: !kernel.table<64 x 16 x bf16>, %y: !kernel.rows<48 x f32>) attributes {unit = #kernel.unit<one>, slices = 3 : i64} {
  // expected-error @below {{expects the slices of the kernel to divide the 64 columns of the input, but they are 3}}
  kernel.block_linear %x, %w to %y rows <row> : !kernel.rows<64 x f32>, !kernel.table<64 x 16 x bf16> to !kernel.rows<48 x f32>
}

// -----

kernel.func @block_linear_c3(%x: !kernel.rows<64 x f32>, %w: !kernel.table<64 x 16 x bf16>, %y: !kernel.rows<32 x f32>) attributes {unit = #kernel.unit<one>, slices = 4 : i64} {
  // expected-error @below {{expects the width of the result to be 64, but it is 32}}
  kernel.block_linear %x, %w to %y rows <row> : !kernel.rows<64 x f32>, !kernel.table<64 x 16 x bf16> to !kernel.rows<32 x f32>
}

// -----

kernel.func @block_linear_c4(%x: !kernel.rows<64 x f32>, %w: !kernel.table<64 x 16 x bf16>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<wanted>, slices = 4 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'one', but it is 'wanted'}}
  kernel.block_linear %x, %w to %y rows <row> : !kernel.rows<64 x f32>, !kernel.table<64 x 16 x bf16> to !kernel.rows<64 x f32>
}

// -----

kernel.func @block_linear_c5(%x: !kernel.rows<64 x f32>, %w: !kernel.table<64 x 16 x bf16>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<one>, slices = 4 : i64} {
  // expected-error @below {{expects 'rows' to be 'row' or 'wanted', but it is 'block'}}
  kernel.block_linear %x, %w to %y rows <block> : !kernel.rows<64 x f32>, !kernel.table<64 x 16 x bf16> to !kernel.rows<64 x f32>
}
