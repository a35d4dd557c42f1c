// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @contenders_c1(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'threshold' in keys, but it is in f32}}
  kernel.contenders %x above %t to %y : !kernel.rows<64 x f32>, !kernel.rows<64 x f32> to !kernel.rows<64 x keys>
}

// -----

kernel.func @contenders_c2(%x: !kernel.rows<5000 x f32>, %t: !kernel.rows<64 x keys>, %y: !kernel.rows<128 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'slices' of the kernel to be 2, but it is 1}}
  kernel.contenders %x above %t to %y : !kernel.rows<5000 x f32>, !kernel.rows<64 x keys> to !kernel.rows<128 x keys>
}

// -----

kernel.func @contenders_c3_threshold(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<32 x keys>, %y: !kernel.rows<64 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the threshold to be 64, but it is 32}}
  kernel.contenders %x above %t to %y : !kernel.rows<64 x f32>, !kernel.rows<32 x keys> to !kernel.rows<64 x keys>
}

// -----

kernel.func @contenders_c3_result(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<64 x keys>, %y: !kernel.rows<128 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the result to be 64, but it is 128}}
  kernel.contenders %x above %t to %y : !kernel.rows<64 x f32>, !kernel.rows<64 x keys> to !kernel.rows<128 x keys>
}

// -----

kernel.func @contenders_c4(%e: !kernel.rows<64 x f32>, %x: !kernel.rows<32 x q8>, %w: !kernel.weight<64 x 32 x int4>, %t: !kernel.rows<64 x keys>, %y: !kernel.rows<64 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'weight' in planes, but it is in int4}}
  kernel.contenders %e refined(%x, %w : !kernel.rows<32 x q8>, !kernel.weight<64 x 32 x int4>) above %t to %y : !kernel.rows<64 x f32>, !kernel.rows<64 x keys> to !kernel.rows<64 x keys>
}

// -----

kernel.func @contenders_c5(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<64 x keys>, %y: !kernel.rows<64 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'softcap' only with 'refined'}}
  kernel.contenders %x softcap 30.0 above %t to %y : !kernel.rows<64 x f32>, !kernel.rows<64 x keys> to !kernel.rows<64 x keys>
}
