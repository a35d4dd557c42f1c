// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @rg_lru_c1(%x: !kernel.rows<64 x bf16>, %i: !kernel.rows<64 x bf16>, %r: !kernel.rows<64 x bf16>, %rate: !kernel.vector<64>, %y: !kernel.rows<64 x bf16>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects 'input' in f32, but it is in bf16}}
  kernel.rg_lru %x, %i, %r, %rate to %y state(%pages, %positions, %offset) : !kernel.rows<64 x bf16>, !kernel.vector<64>
}

// -----

kernel.func @rg_lru_c2(%x: !kernel.rows<64 x f32>, %i: !kernel.rows<64 x f32>, %r: !kernel.rows<64 x f32>, %rate: !kernel.vector<1>, %y: !kernel.rows<64 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the rate to be 64, but it is 1}}
  kernel.rg_lru %x, %i, %r, %rate to %y state(%pages, %positions, %offset) : !kernel.rows<64 x f32>, !kernel.vector<1>
}

// -----

kernel.func @rg_lru_c3(%x: !kernel.rows<64 x f32>, %i: !kernel.rows<64 x f32>, %r: !kernel.rows<64 x f32>, %rate: !kernel.vector<64>, %y: !kernel.rows<64 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  // expected-error @below {{expects 'slices' of the kernel to be 1, but it is 2}}
  kernel.rg_lru %x, %i, %r, %rate to %y state(%pages, %positions, %offset) : !kernel.rows<64 x f32>, !kernel.vector<64>
}
