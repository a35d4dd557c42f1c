// RUN: lapidary-opt %s --plan-place-weights | FileCheck %s

gemma.param @a : tensor<16x8xf32> from "w" at 0
gemma.param @t : tensor<5x100xbf16> from "w" at 0
gemma.param @v : tensor<17xf32> from "w" at 0
kernel.func @matrix(%x: !kernel.weight<16 x 8 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}
kernel.func @table(%x: !kernel.table<5 x 100 x bf16>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}
kernel.func @vectors(%x: !kernel.vector<17>, %y: !kernel.vector<100>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}

// In order of use, not of definition: the vector of 17 (padded to 64) float32, the
// one of 100 (128), then 8 panels of 64 columns, then 5 rows of 128 bfloat16. What
// two dispatches use has one place, and what none uses has none.
// CHECK-LABEL: plan.program @text
// CHECK: plan.pack {{.*}} at 768 : tensor<16x8xf32>
// CHECK: plan.pack {{.*}} at 33536 : tensor<5x100xbf16>
// CHECK: plan.rope_frequencies {{.*}} at 256 : <100>
// CHECK: plan.pack {{.*}} at 0 : tensor<17xf32>
// CHECK: plan.rope_frequencies base 2.0{{.*}} factor 1.0{{[0-9e+]*}} pairs 0 : <32>
// CHECK: plan.rope_frequencies base 3.0{{.*}} at 34816 : <100>
plan.program @text rows(1, 1) block(1) {
  %aw = gemma.weight @a : tensor<16x8xf32>
  %a = plan.pack %aw : tensor<16x8xf32> -> !kernel.weight<16 x 8 x f32>
  %tw = gemma.weight @t : tensor<5x100xbf16>
  %t = plan.pack %tw : tensor<5x100xbf16> -> !kernel.table<5 x 100 x bf16>
  %f = plan.rope_frequencies base 1.0 factor 1.0 pairs 0 : !kernel.vector<100>
  %vw = gemma.weight @v : tensor<17xf32>
  %v = plan.pack %vw : tensor<17xf32> -> !kernel.vector<17>
  %unused = plan.rope_frequencies base 2.0 factor 1.0 pairs 0 : !kernel.vector<32>
  %g = plan.rope_frequencies base 3.0 factor 1.0 pairs 0 : !kernel.vector<100>
  plan.dispatch @vectors(%v, %f) "" : !kernel.vector<17>, !kernel.vector<100>
  plan.dispatch @matrix(%a) "" : !kernel.weight<16 x 8 x f32>
  plan.dispatch @matrix(%a) "" : !kernel.weight<16 x 8 x f32>
  plan.dispatch @table(%t) "" : !kernel.table<5 x 100 x bf16>
  plan.dispatch @vectors(%v, %g) "" : !kernel.vector<17>, !kernel.vector<100>
}

// What another program has too stands where it is.
// CHECK-LABEL: plan.program @draft
// CHECK: plan.pack {{.*}} at 768 : tensor<16x8xf32>
// CHECK: plan.rope_frequencies {{.*}} at 34816 : <100>
plan.program @draft rows(1, 1) block(1) {
  %aw = gemma.weight @a : tensor<16x8xf32>
  %a = plan.pack %aw : tensor<16x8xf32> -> !kernel.weight<16 x 8 x f32>
  %vw = gemma.weight @v : tensor<17xf32>
  %v = plan.pack %vw : tensor<17xf32> -> !kernel.vector<17>
  %g = plan.rope_frequencies base 3.0 factor 1.0 pairs 0 : !kernel.vector<100>
  plan.dispatch @vectors(%v, %g) "" : !kernel.vector<17>, !kernel.vector<100>
  plan.dispatch @matrix(%a) "" : !kernel.weight<16 x 8 x f32>
}

// The first rows and columns of a matrix are where it is.
// CHECK-LABEL: plan.program @small
// CHECK: plan.pack {{.*}} at 35328 : {{.*}} -> !kernel.weight<128 x 64 x f32 of 128>
gemma.param @b : tensor<256x128xf32> from "w" at 0
kernel.func @whole(%x: !kernel.weight<256 x 128 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}
kernel.func @corner(%x: !kernel.weight<128 x 64 x f32 of 128>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}
plan.program @small rows(1, 1) block(1) {
  %w = gemma.weight @b : tensor<256x128xf32>
  %c = plan.pack %w : tensor<256x128xf32> -> !kernel.weight<128 x 64 x f32 of 128>
  plan.dispatch @corner(%c) "" : !kernel.weight<128 x 64 x f32 of 128>
}
// CHECK-LABEL: plan.program @large
// CHECK: plan.pack {{.*}} at 35328 : {{.*}} -> !kernel.weight<256 x 128 x f32>
plan.program @large rows(1, 1) block(1) {
  %w = gemma.weight @b : tensor<256x128xf32>
  %p = plan.pack %w : tensor<256x128xf32> -> !kernel.weight<256 x 128 x f32>
  plan.dispatch @whole(%p) "" : !kernel.weight<256 x 128 x f32>
}
