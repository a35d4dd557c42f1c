// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @causal_conv_c1(%x: !kernel.rows<64 x bf16>, %w: !kernel.vector<256>, %b: !kernel.vector<64>, %y: !kernel.rows<64 x bf16>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects 'input' in f32, but it is in bf16}}
  kernel.causal_conv %x, %w, %b to %y state(%pages, %positions, %offset) : !kernel.rows<64 x bf16>, !kernel.vector<256>, !kernel.vector<64>
}

// -----

kernel.func @causal_conv_c2_bias(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<256>, %b: !kernel.vector<32>, %y: !kernel.rows<64 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the bias to be 64, but it is 32}}
  kernel.causal_conv %x, %w, %b to %y state(%pages, %positions, %offset) : !kernel.rows<64 x f32>, !kernel.vector<256>, !kernel.vector<32>
}

// -----

kernel.func @causal_conv_c2_weight(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<64>, %b: !kernel.vector<64>, %y: !kernel.rows<64 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the weight to be a multiple of 64, at least twice, but it is 64}}
  kernel.causal_conv %x, %w, %b to %y state(%pages, %positions, %offset) : !kernel.rows<64 x f32>, !kernel.vector<64>, !kernel.vector<64>
}

// -----

kernel.func @causal_conv_c3_slices(%x: !kernel.rows<72 x f32>, %w: !kernel.vector<288>, %b: !kernel.vector<72>, %y: !kernel.rows<72 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects 'slices' of the kernel to be 2, but it is 1}}
  kernel.causal_conv %x, %w, %b to %y state(%pages, %positions, %offset) : !kernel.rows<72 x f32>, !kernel.vector<288>, !kernel.vector<72>
}

// -----

kernel.func @causal_conv_c3_unit(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<256>, %b: !kernel.vector<64>, %y: !kernel.rows<64 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'one', but it is 'row'}}
  kernel.causal_conv %x, %w, %b to %y state(%pages, %positions, %offset) : !kernel.rows<64 x f32>, !kernel.vector<256>, !kernel.vector<64>
}
