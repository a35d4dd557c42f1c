// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @append_values_c1(%x: !kernel.rows<64 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects 'heads' to divide the width of 64, but they are 3}}
  kernel.append_values %0 cache(%pages, %positions, %offset)
    {heads = 3 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>} : !kernel.row<64>
}

// -----

kernel.func @append_values_c1_zero(%x: !kernel.rows<64 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects 'heads' to divide the width of 64, but they are 0}}
  kernel.append_values %0 cache(%pages, %positions, %offset)
    {heads = 0 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>} : !kernel.row<64>
}

// -----

kernel.func @append_values_c2(%x: !kernel.rows<64 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // expected-error @below {{expects 'page_tokens' to be a positive multiple of 16, but it is 24}}
  kernel.append_values %0 cache(%pages, %positions, %offset)
    {heads = 2 : i64, page_tokens = 24 : i64, kv_format = #kernel.kv_format<bf16>} : !kernel.row<64>
}

// -----

// The row comes from below, so that only its use is looked at.
kernel.func @append_values_c3(%x: !kernel.rows<64 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
  // expected-error @below {{'kernel.append_values' op expects a kernel whose unit is 'row' or 'wanted', but it is 'block'}}
  kernel.append_values %0 cache(%pages, %positions, %offset)
    {heads = 2 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>} : !kernel.row<64>
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
}
