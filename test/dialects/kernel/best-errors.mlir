// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @best_c1_input(%x: !kernel.rows<32 x f32>, %y: !kernel.rows<64 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'input' in keys, but it is in f32}}
  kernel.best %x to %y : !kernel.rows<32 x f32> to !kernel.rows<64 x keys>
}

// -----

kernel.func @best_c1_result(%x: !kernel.rows<32 x keys>, %y: !kernel.rows<64 x q8>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects 'result' in keys, but it is in q8}}
  kernel.best %x to %y : !kernel.rows<32 x keys> to !kernel.rows<64 x q8>
}

// -----

kernel.func @best_c2(%x: !kernel.rows<32 x keys>, %y: !kernel.rows<32 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the result to be 64, but it is 32}}
  kernel.best %x to %y : !kernel.rows<32 x keys> to !kernel.rows<32 x keys>
}

// -----

kernel.func @best_c3(%x: !kernel.rows<32 x keys>, %y: !kernel.rows<64 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 2 : i64} {
  // expected-error @below {{expects 'slices' of the kernel to be 1, but it is 2}}
  kernel.best %x to %y : !kernel.rows<32 x keys> to !kernel.rows<64 x keys>
}
