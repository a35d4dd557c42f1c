// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @peaks_c1_logits(%x: !kernel.rows<64 x bf16>, %y: !kernel.rows<16 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'logits' in f32, but it is in bf16}}
  kernel.peaks %x to %y : !kernel.rows<64 x bf16> to !kernel.rows<16 x keys>
}

// -----

kernel.func @peaks_c1_result(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<16 x f32>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'result' in keys, but it is in f32}}
  kernel.peaks %x to %y : !kernel.rows<64 x f32> to !kernel.rows<16 x f32>
}

// -----

kernel.func @peaks_c2_unit(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<16 x keys>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'wanted', but it is 'row'}}
  kernel.peaks %x to %y : !kernel.rows<64 x f32> to !kernel.rows<16 x keys>
}

// -----

kernel.func @peaks_c2_slices(%x: !kernel.rows<4097 x f32>, %y: !kernel.rows<32 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'slices' of the kernel to be 2, but it is 1}}
  kernel.peaks %x to %y : !kernel.rows<4097 x f32> to !kernel.rows<32 x keys>
}

// -----

kernel.func @peaks_c3(%x: !kernel.rows<4097 x f32>, %y: !kernel.rows<16 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 2 : i64} {
  // expected-error @below {{expects the width of the result to be 32, but it is 16}}
  kernel.peaks %x to %y : !kernel.rows<4097 x f32> to !kernel.rows<16 x keys>
}

// -----

kernel.func @peaks_c4_format(%e: !kernel.rows<64 x f32>, %x: !kernel.rows<32 x q8>, %w: !kernel.weight<64 x 32 x int8>, %y: !kernel.rows<16 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'weight' in planes, but it is in int8}}
  kernel.peaks %e refined(%x, %w : !kernel.rows<32 x q8>, !kernel.weight<64 x 32 x int8>) to %y : !kernel.rows<64 x f32> to !kernel.rows<16 x keys>
}

// -----

kernel.func @peaks_c4_rows(%e: !kernel.rows<64 x f32>, %x: !kernel.rows<32 x f32>, %w: !kernel.weight<64 x 32 x planes>, %y: !kernel.rows<16 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'rows' in q8, but it is in f32}}
  kernel.peaks %e refined(%x, %w : !kernel.rows<32 x f32>, !kernel.weight<64 x 32 x planes>) to %y : !kernel.rows<64 x f32> to !kernel.rows<16 x keys>
}

// -----

kernel.func @peaks_c4_width(%e: !kernel.rows<64 x f32>, %x: !kernel.rows<48 x q8>, %w: !kernel.weight<64 x 32 x planes>, %y: !kernel.rows<16 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the rows to be 32, but it is 48}}
  kernel.peaks %e refined(%x, %w : !kernel.rows<48 x q8>, !kernel.weight<64 x 32 x planes>) to %y : !kernel.rows<64 x f32> to !kernel.rows<16 x keys>
}

// -----

kernel.func @peaks_c4_logits(%e: !kernel.rows<64 x f32>, %x: !kernel.rows<32 x q8>, %w: !kernel.weight<60 x 32 x planes>, %y: !kernel.rows<16 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects the number of rows of the weight to be 64, but it is 60}}
  kernel.peaks %e refined(%x, %w : !kernel.rows<32 x q8>, !kernel.weight<60 x 32 x planes>) to %y : !kernel.rows<64 x f32> to !kernel.rows<16 x keys>
}

// -----

kernel.func @peaks_c5_positive(%e: !kernel.rows<64 x f32>, %x: !kernel.rows<32 x q8>, %w: !kernel.weight<64 x 32 x planes>, %y: !kernel.rows<16 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'softcap' to be positive, but it is 0}}
  kernel.peaks %e refined(%x, %w : !kernel.rows<32 x q8>, !kernel.weight<64 x 32 x planes>) softcap 0.0 to %y : !kernel.rows<64 x f32> to !kernel.rows<16 x keys>
}

// -----

kernel.func @peaks_c5_refined(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<16 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'softcap' only with 'refined'}}
  kernel.peaks %x softcap 30.0 to %y : !kernel.rows<64 x f32> to !kernel.rows<16 x keys>
}
