// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @attention_c1_query(%q: !kernel.rows<64 x bf16>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  // expected-error @below {{expects 'query' in f32, but it is in bf16}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x bf16> to !kernel.rows<64 x f32>
}

// -----

kernel.func @attention_c1_result(%q: !kernel.rows<128 x f32>, %y: !kernel.rows<128 x dense>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  // expected-error @below {{expects 'result' in f32, but it is in dense}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 32 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32> to !kernel.rows<128 x dense>
}

// -----

kernel.func @attention_c1_result_groups(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x q8>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  // expected-error @below {{expects 'result' in f32, but it is in q8}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x q8>
}

// -----

kernel.func @attention_c2_query(%q: !kernel.rows<32 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  // expected-error @below {{expects the width of 'query' to be 64, but it is 32}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<32 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @attention_c2_result(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<128 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  // expected-error @below {{expects the width of 'result' to be 64, but it is 128}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<128 x f32>
}

// -----

kernel.func @attention_c3(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  // expected-error @below {{expects 'heads' to be a positive multiple of 'kv_heads', but they are 4 and 3}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 3 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @attention_c4(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  // expected-error @below {{expects 'page_tokens' to be a positive multiple of 16, but it is 0}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 0 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @attention_c5(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  // expected-error @below {{expects 'window' to be at least 0, but it is -1}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = -1 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @attention_c6(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  // expected-error @below {{expects 'softcap' to be positive, but it is 0.0}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, softcap = 0.0 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @attention_c7_unit(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'block', but it is 'row'}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @attention_c7_slices(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 4 : i64} {
  // expected-error @below {{expects 'slices' of the kernel to be 2, but it is 4}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @attention_c8_weight(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset, %w: !kernel.vector<16>, %f: !kernel.vector<16>)
    attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
  // expected-error @below {{expects the length of 'key_weight' to be 32, but it is 16}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset) keys(%w, %f, 8 : !kernel.vector<16>, !kernel.vector<16>)
    {heads = 2 : i64, kv_heads = 1 : i64, head_dim = 32 : i64, scale = 0.25 : f32, window = 0 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @attention_c8_pairs(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset, %w: !kernel.vector<32>, %f: !kernel.vector<16>)
    attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
  // expected-error @below {{expects at most 16 frequencies and at most as many pairs, but they are 16 and 17}}
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset) keys(%w, %f, 17 : !kernel.vector<32>, !kernel.vector<16>)
    {heads = 2 : i64, kv_heads = 1 : i64, head_dim = 32 : i64, scale = 0.25 : f32, window = 0 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @attention_c2_strands(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 8 : i64} {
  // expected-error @below {{expects the width of 'result' to be 68, but it is 64}}
  kernel.attention %q to strands %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 2 : i64, kv_heads = 1 : i64, head_dim = 32 : i64, scale = 0.25 : f32, window = 0 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// -----

kernel.func @attention_c2_strands_format(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<68 x q8>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 8 : i64} {
  // expected-error @below {{expects 'result' in f32, but it is in q8}}
  kernel.attention %q to strands %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 2 : i64, kv_heads = 1 : i64, head_dim = 32 : i64, scale = 0.25 : f32, window = 0 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<68 x q8>
}

// -----

kernel.func @attention_c7_strands(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<68 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
  // expected-error @below {{expects 'slices' of the kernel to be 8, but it is 1}}
  kernel.attention %q to strands %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 2 : i64, kv_heads = 1 : i64, head_dim = 32 : i64, scale = 0.25 : f32, window = 0 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<68 x f32>
}
