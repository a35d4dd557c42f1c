// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @attention
kernel.func @attention(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  // CHECK: kernel.attention %{{.*}} to %{{.*}} blocks(%{{.*}}, %{{.*}}) cache(%{{.*}}, %{{.*}})
  // CHECK-SAME: heads = 4 : i64, {{.*}} kv_heads = 2 : i64, {{.*}} scale = 2.500000e-01 : f32, softcap = 5.000000e+01 : f32, window = 512 : i64
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, softcap = 50.0 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// CHECK-LABEL: @whole_groups
kernel.func @whole_groups(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x q8>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
  // CHECK: kernel.attention {{.*}} : <64 x f32> to <64 x q8>
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 2 : i64, kv_heads = 1 : i64, head_dim = 32 : i64, scale = 0.25 : f32, window = 0 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x q8>
}

// Rows that see what comes after them, up to their sequence's end.
// CHECK-LABEL: @both_directions
kernel.func @both_directions(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %ends: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
  // CHECK: kernel.attention %{{.*}} to %{{.*}} blocks(%{{.*}}, %{{.*}}) ends(%arg4) cache(
  kernel.attention %q to %y blocks(%blocks, %positions) ends(%ends) cache(%pages, %offset)
    {heads = 2 : i64, kv_heads = 1 : i64, head_dim = 32 : i64, scale = 0.25 : f32, window = 8 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// CHECK-LABEL: @keys_of_values
kernel.func @keys_of_values(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset, %w: !kernel.vector<32>, %f: !kernel.vector<16>)
    attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
  // CHECK: kernel.attention {{.*}} cache(%{{.*}}, %{{.*}}) keys(%arg6, %arg7, 8 : !kernel.vector<32>, !kernel.vector<16>)
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset) keys(%w, %f, 8 : !kernel.vector<32>, !kernel.vector<16>)
    {heads = 2 : i64, kv_heads = 1 : i64, head_dim = 32 : i64, scale = 0.25 : f32, window = 0 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// A slice for each of the strands of a key head.
// CHECK-LABEL: @strands
kernel.func @strands(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<68 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 8 : i64} {
  // CHECK: kernel.attention %{{.*}} to strands %{{.*}} blocks({{.*}} kv_format = #kernel.kv_format<int8>
  kernel.attention %q to strands %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 2 : i64, kv_heads = 1 : i64, head_dim = 32 : i64, scale = 0.25 : f32, window = 0 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<int8>}
    : !kernel.rows<64 x f32> to !kernel.rows<68 x f32>
}
