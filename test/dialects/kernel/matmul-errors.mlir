// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @matmul_c1(%x: !kernel.rows<32 x f32>, %w: !kernel.weight<128 x 64 x f32>, %y: !kernel.rows<128 x f32>) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects the width of the input to be 64, but it is 32}}
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<32 x f32>, !kernel.weight<128 x 64 x f32> to !kernel.rows<128 x f32>
}

// -----

kernel.func @matmul_c2_float(%x: !kernel.rows<64 x bf16>, %w: !kernel.weight<128 x 64 x f32>, %y: !kernel.rows<128 x f32>) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects the input in f32 for a weight in f32, but it is in bf16}}
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x bf16>, !kernel.weight<128 x 64 x f32> to !kernel.rows<128 x f32>
}

// -----

kernel.func @matmul_c2_pairs(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<128 x 64 x bf16>, %y: !kernel.rows<128 x f32>) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects the input in bf16 for a weight in bf16, but it is in f32}}
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x f32>, !kernel.weight<128 x 64 x bf16> to !kernel.rows<128 x f32>
}

// -----

kernel.func @matmul_c2_bytes(%x: !kernel.rows<64 x bf16>, %w: !kernel.weight<128 x 64 x int4>, %y: !kernel.rows<128 x f32>) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects the input in q8 for a weight in int4, but it is in bf16}}
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x bf16>, !kernel.weight<128 x 64 x int4> to !kernel.rows<128 x f32>
}

// -----

kernel.func @matmul_c3(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<128 x 64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects the number of rows of the weight to be 64, but it is 128}}
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x f32>, !kernel.weight<128 x 64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @matmul_c3_gated(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<128 x 64 x f32>, %y: !kernel.rows<128 x f32>) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects the number of rows of the weight to be 256, but it is 128}}
  kernel.matmul %x, %w to %y rows <row> epilogue <gelu_mul> : !kernel.rows<64 x f32>, !kernel.weight<128 x 64 x f32> to !kernel.rows<128 x f32>
}

// -----

kernel.func @matmul_c4(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<128 x 64 x f32>, %y: !kernel.rows<128 x f32>) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects 'rows' to be 'row' or 'wanted', but it is 'block'}}
  kernel.matmul %x, %w to %y rows <block> epilogue <none> : !kernel.rows<64 x f32>, !kernel.weight<128 x 64 x f32> to !kernel.rows<128 x f32>
}

// -----

kernel.func @matmul_c5_unit(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<128 x 64 x f32>, %y: !kernel.rows<128 x f32>) attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'one', but it is 'block'}}
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x f32>, !kernel.weight<128 x 64 x f32> to !kernel.rows<128 x f32>
}

// -----

kernel.func @matmul_c5_slices(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<128 x 64 x f32>, %y: !kernel.rows<128 x f32>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects 'slices' of the kernel to be 2, but it is 1}}
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x f32>, !kernel.weight<128 x 64 x f32> to !kernel.rows<128 x f32>
}

// -----

kernel.func @matmul_c6(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<128 x 64 x f32>, %y: !kernel.rows<128 x f32>) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects 'softcap' to be positive, but it is -1.0}}
  kernel.matmul %x, %w to %y rows <row> epilogue <none> softcap -1.0 : !kernel.rows<64 x f32>, !kernel.weight<128 x 64 x f32> to !kernel.rows<128 x f32>
}

// -----

kernel.func @matmul_c6_gated(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<128 x 64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects 'softcap' only with the epilogue 'none'}}
  kernel.matmul %x, %w to %y rows <row> epilogue <gelu_mul> softcap 1.0 : !kernel.rows<64 x f32>, !kernel.weight<128 x 64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @matmul_c3_keys(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<64 x 64 x f32>, %y: !kernel.rows<64 x keys>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects a place for numbers, but it is one for keys}}
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x f32>, !kernel.weight<64 x 64 x f32> to !kernel.rows<64 x keys>
}

// -----

kernel.func @matmul_c8(%x: !kernel.rows<64 x q8>, %w: !kernel.weight<64 x 64 x int8>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects 'upper' only with a weight in planes}}
  kernel.matmul %x, %w upper to %y rows <row> epilogue <none> : !kernel.rows<64 x q8>, !kernel.weight<64 x 64 x int8> to !kernel.rows<64 x f32>
}

// -----

kernel.func @matmul_c9_rows(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<64 x 64 x f32>, %y: !kernel.rows<64 x f32>, %m: !kernel.rows<64 x bits>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects 'among' only with wanted rows, one matrix and the epilogue 'none'}}
  kernel.matmul %x, %w to %y rows <row> epilogue <none> among %m : !kernel.rows<64 x bits> : !kernel.rows<64 x f32>, !kernel.weight<64 x 64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @matmul_c9_gated(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<128 x 64 x f32>, %y: !kernel.rows<64 x f32>, %m: !kernel.rows<64 x bits>) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects 'among' only with wanted rows, one matrix and the epilogue 'none'}}
  kernel.matmul %x, %w to %y rows <wanted> epilogue <gelu_mul> among %m : !kernel.rows<64 x bits> : !kernel.rows<64 x f32>, !kernel.weight<128 x 64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @matmul_c9_format(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<64 x 64 x f32>, %y: !kernel.rows<64 x f32>, %m: !kernel.rows<64 x keys>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects 'among' in bits, but it is in keys}}
  kernel.matmul %x, %w to %y rows <wanted> epilogue <none> among %m : !kernel.rows<64 x keys> : !kernel.rows<64 x f32>, !kernel.weight<64 x 64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @matmul_c9_width(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<64 x 64 x f32>, %y: !kernel.rows<64 x f32>, %m: !kernel.rows<65 x bits>) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects the width of 'among' to be 64, but it is 65}}
  kernel.matmul %x, %w to %y rows <wanted> epilogue <none> among %m : !kernel.rows<65 x bits> : !kernel.rows<64 x f32>, !kernel.weight<64 x 64 x f32> to !kernel.rows<64 x f32>
}
