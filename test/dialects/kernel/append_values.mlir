// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @append_values(
// CHECK: kernel.append_values %{{.*}} cache(%{{.*}}, %{{.*}}, %{{.*}}) {heads = 2 : i64, kv_format = #kernel.kv_format<bf16>, page_tokens = 64 : i64} : <64>
kernel.func @append_values(%x: !kernel.rows<64 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  kernel.append_values %0 cache(%pages, %positions, %offset)
    {heads = 2 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>} : !kernel.row<64>
}
