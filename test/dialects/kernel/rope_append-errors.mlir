// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @rope_append_c1_qkv(%qkv: !kernel.rows<128 x bf16>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'qkv' in f32, but it is in bf16}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x bf16>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x f32>
}

// -----

kernel.func @rope_append_c1_table(%qkv: !kernel.rows<128 x f32>, %table: !kernel.rows<16 x bf16>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'table' in f32, but it is in bf16}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32>, !kernel.rows<16 x bf16>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x f32>
}

// -----

kernel.func @rope_append_c1_query(%qkv: !kernel.rows<128 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x q8>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'query' in f32, but it is in q8}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x q8>
}

// -----

kernel.func @rope_append_c2(%qkv: !kernel.rows<96 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of 'qkv' to be 128, but it is 96}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<96 x f32>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x f32>
}

// -----

kernel.func @rope_append_c3_table(%qkv: !kernel.rows<128 x f32>, %table: !kernel.rows<8 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of 'table' to be 16, but it is 8}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32>, !kernel.rows<8 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x f32>
}

// -----

kernel.func @rope_append_c3_q_norm(%qkv: !kernel.rows<128 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<8>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of 'q_norm' to be 16, but it is 8}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32>, !kernel.rows<16 x f32>, !kernel.vector<8>, !kernel.vector<16>, !kernel.rows<64 x f32>
}

// -----

kernel.func @rope_append_c3_k_norm(%qkv: !kernel.rows<128 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<8>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of 'k_norm' to be 16, but it is 8}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<8>, !kernel.rows<64 x f32>
}

// -----

kernel.func @rope_append_c4(%qkv: !kernel.rows<128 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<128 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of 'query' to be 64, but it is 128}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<128 x f32>
}

// -----

kernel.func @rope_append_c5(%qkv: !kernel.rows<120 x f32>, %table: !kernel.rows<15 x f32>, %qn: !kernel.vector<15>, %kn: !kernel.vector<15>, %q: !kernel.rows<60 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'head_dim' to be even, but it is 15}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 15 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<120 x f32>, !kernel.rows<15 x f32>, !kernel.vector<15>, !kernel.vector<15>, !kernel.rows<60 x f32>
}

// -----

kernel.func @rope_append_c6(%qkv: !kernel.rows<160 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'heads' to be a positive multiple of 'kv_heads', but they are 4 and 3}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 3 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<160 x f32>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x f32>
}

// -----

kernel.func @rope_append_c6_zero(%qkv: !kernel.rows<64 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'heads' to be a positive multiple of 'kv_heads', but they are 4 and 0}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 0 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x f32>
}

// -----

kernel.func @rope_append_c7(%qkv: !kernel.rows<128 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'page_tokens' to be a positive multiple of 16, but it is 24}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 24 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x f32>
}

// -----

kernel.func @rope_append_c8(%qkv: !kernel.rows<128 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'epsilon' to be at least 0, but it is -1.0}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = -1.0 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x f32>
}

// -----

kernel.func @rope_append_c9(%qkv: !kernel.rows<128 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<one>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'row' or 'wanted', but it is 'one'}}
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x f32>
}
