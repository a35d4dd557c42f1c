// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @rope_append
kernel.func @rope_append(%qkv: !kernel.rows<128 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // CHECK: kernel.rope_append %{{.*}}, %{{.*}} norms(%{{.*}}, %{{.*}}) query %{{.*}} cache(%{{.*}}, %{{.*}}, %{{.*}})
  // CHECK-SAME: head_dim = 16 : i64, heads = 4 : i64, kv_format = #kernel.kv_format<bf16>, kv_heads = 2 : i64, page_tokens = 64 : i64
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x f32>
}
