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
// CHECK-NEXT:  plan.rope_frequencies base 1.000000e+04 factor 8.000000e+00 pairs 8 at 0 : <32>
// CHECK-NEXT:  %[[X:.*]] = plan.buffer "embed" at 0 : !kernel.rows<64 x f32>
// CHECK-NEXT:  plan.buffer "peaks" few 8 at 61440 : !kernel.rows<4 x keys>
// CHECK-NEXT:  plan.result 0 : <17 x dense>
// CHECK-NEXT:  plan.best : <64 x keys>
// CHECK-NEXT:  plan.allowed : <17 x bits>
// CHECK-NEXT:  plan.pages @window_512
// CHECK-NEXT:  plan.offset 32768
// CHECK-NEXT:  plan.step <positions>
// CHECK-NEXT:  plan.step <blocks>
// CHECK-NEXT:  plan.step <wanted>
// CHECK-NEXT:  plan.step <ends>
// CHECK-NEXT:  %[[T:.*]] = plan.step <tokens>
// CHECK-NEXT:  plan.dispatch @embed_64(%[[T]], %[[P]], %[[X]]) "embed" for <best> : !kernel.list, !kernel.weight<512 x 64 x bf16>, !kernel.rows<64 x f32>
plan.program @text rows(1, 256) block(16) arena(65536) {
  %w = gemma.weight @table : tensor<512x64xbf16>
  %p = plan.pack %w at 4096 : tensor<512x64xbf16> -> !kernel.weight<512 x 64 x bf16>
  %f = plan.rope_frequencies base 1.0e4 factor 8.0 pairs 8 at 0 : !kernel.vector<32>
  %x = plan.buffer "embed" at 0 : !kernel.rows<64 x f32>
  %few = plan.buffer "peaks" few 8 at 61440 : !kernel.rows<4 x keys>
  %y = plan.result 0 : !kernel.rows<17 x dense>
  %best = plan.best : !kernel.rows<64 x keys>
  %allowed = plan.allowed : !kernel.rows<17 x bits>
  %pages = plan.pages @window_512
  %o = plan.offset 32768
  %positions = plan.step <positions>
  %blocks = plan.step <blocks>
  %wanted = plan.step <wanted>
  %ends = plan.step <ends>
  %t = plan.step <tokens>
  plan.dispatch @embed_64(%t, %p, %x) "embed" for <best> : !kernel.list, !kernel.weight<512 x 64 x bf16>, !kernel.rows<64 x f32>
}

// Nothing is placed yet.
// CHECK-LABEL: plan.program @unplaced rows(1, 1) block(1) {
// CHECK-NEXT:  plan.buffer "x" : !kernel.rows<64 x q8>
plan.program @unplaced rows(1, 1) block(1) {
  %x = plan.buffer "x" : !kernel.rows<64 x q8>
}

// Another program of a function.
// CHECK-LABEL: plan.program @text_few of "text" rows(1, 8) block(16) {
plan.program @text_few of "text" rows(1, 8) block(16) {
}

// Every operation of a recipe.
// CHECK-LABEL: plan.program @recipes rows(1, 1) block(1) {
// CHECK-NEXT:  %[[W:.*]] = gemma.weight @table
// CHECK-NEXT:  %[[ROWS:.*]] = gemma.concat_rows %[[W]], %[[W]]
// CHECK-NEXT:  %[[PAIRS:.*]] = gemma.interleave_rows %[[ROWS]], %[[ROWS]]
// CHECK-NEXT:  %[[HALVES:.*]] = gemma.interleave_halves %[[PAIRS]] blocks 2
// CHECK-NEXT:  %[[Q:.*]] = gemma.convert %[[HALVES]]
// CHECK-NEXT:  plan.pack %[[Q]] : tensor<2048x64x!gemma.quant<int4, group = 32>> -> !kernel.table<2048 x 64 x int4>
// CHECK-NEXT:  %[[ONE:.*]] = gemma.fill 1.0
// CHECK-NEXT:  %[[TWO:.*]] = gemma.offset %[[ONE]] by 1.0
// CHECK-NEXT:  plan.pack %[[TWO]] : tensor<64xf32> -> !kernel.vector<64>
plan.program @recipes rows(1, 1) block(1) {
  %w = gemma.weight @table : tensor<512x64xbf16>
  %rows = gemma.concat_rows %w, %w : tensor<512x64xbf16>, tensor<512x64xbf16> -> tensor<1024x64xbf16>
  %pairs = gemma.interleave_rows %rows, %rows : tensor<1024x64xbf16> -> tensor<2048x64xbf16>
  %halves = gemma.interleave_halves %pairs blocks 2 : tensor<2048x64xbf16>
  %q = gemma.convert %halves : tensor<2048x64xbf16> -> tensor<2048x64x!gemma.quant<int4, group = 32>>
  %p = plan.pack %q : tensor<2048x64x!gemma.quant<int4, group = 32>> -> !kernel.table<2048 x 64 x int4>
  %one = gemma.fill 1.0 : tensor<64xf32>
  %two = gemma.offset %one by 1.0 : tensor<64xf32> -> tensor<64xf32>
  %v = plan.pack %two : tensor<64xf32> -> !kernel.vector<64>
}

// What measures the machine; its dispatch needs no operands.
// CHECK-LABEL: plan.program @limit limit rows(1, 1) block(1) {
// CHECK-NEXT:  plan.dispatch @multiply() "int8"
// CHECK-NEXT: }
kernel.func @multiply() attributes {unit = #kernel.unit<one>, slices = 64 : i64} {
  kernel.multiply <int8>
}
plan.program @limit limit rows(1, 1) block(1) {
  plan.dispatch @multiply() "int8"
}
