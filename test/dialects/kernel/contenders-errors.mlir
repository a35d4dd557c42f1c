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
