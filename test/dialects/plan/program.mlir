// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

gemma.param @table : tensor<512x64xbf16> from "w" at 0
plan.cache @window_512 {window = 512 : i64, page_tokens = 64 : i64, page_bytes = 4096 : i64}
kernel.func @embed_64(%t: !kernel.list, %w: !kernel.weight<512 x 64 x bf16>, %x: !kernel.rows<64 x f32>)
    attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}

// Every operation of a program, placed.
// CHECK-LABEL: plan.program @text rows(1, 256) block(16) arena(65536) {
// CHECK-NEXT:  %[[W:.*]] = gemma.weight @table
// CHECK-NEXT:  %[[P:.*]] = plan.pack %[[W]] at 4096 : tensor<512x64xbf16> -> !kernel.weight<512 x 64 x bf16>
// CHECK-NEXT:  plan.rope_frequencies base 1.000000e+04 factor 8.000000e+00 at 0 : <32>
// CHECK-NEXT:  %[[X:.*]] = plan.buffer "embed" at 0 : <64 x f32>
// CHECK-NEXT:  plan.logits : <17 x dense>
// CHECK-NEXT:  plan.pages @window_512
// CHECK-NEXT:  plan.offset 32768
// CHECK-NEXT:  plan.step <positions>
// CHECK-NEXT:  plan.step <blocks>
// CHECK-NEXT:  plan.step <wanted>
// CHECK-NEXT:  %[[T:.*]] = plan.step <tokens>
// CHECK-NEXT:  plan.dispatch @embed_64(%[[T]], %[[P]], %[[X]]) "embed" : !kernel.list, !kernel.weight<512 x 64 x bf16>, !kernel.rows<64 x f32>
plan.program @text rows(1, 256) block(16) arena(65536) {
  %w = gemma.weight @table : tensor<512x64xbf16>
  %p = plan.pack %w at 4096 : tensor<512x64xbf16> -> !kernel.weight<512 x 64 x bf16>
  %f = plan.rope_frequencies base 1.0e4 factor 8.0 at 0 : !kernel.vector<32>
  %x = plan.buffer "embed" at 0 : !kernel.rows<64 x f32>
  %y = plan.logits : !kernel.rows<17 x dense>
  %pages = plan.pages @window_512
  %o = plan.offset 32768
  %positions = plan.step <positions>
  %blocks = plan.step <blocks>
  %wanted = plan.step <wanted>
  %t = plan.step <tokens>
  plan.dispatch @embed_64(%t, %p, %x) "embed" : !kernel.list, !kernel.weight<512 x 64 x bf16>, !kernel.rows<64 x f32>
}

// Nothing is placed yet.
// CHECK-LABEL: plan.program @unplaced rows(1, 1) block(1) {
// CHECK-NEXT:  plan.buffer "x" : <64 x q8>
plan.program @unplaced rows(1, 1) block(1) {
  %x = plan.buffer "x" : !kernel.rows<64 x q8>
}
