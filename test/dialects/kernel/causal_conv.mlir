// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @causal_conv(
// CHECK: kernel.causal_conv %arg0, %arg1, %arg2 to %arg3 state(%arg4, %arg5, %arg6) : <72 x f32>, <288>, <72>
kernel.func @causal_conv(%x: !kernel.rows<72 x f32>, %w: !kernel.vector<288>, %b: !kernel.vector<72>, %y: !kernel.rows<72 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  kernel.causal_conv %x, %w, %b to %y state(%pages, %positions, %offset) : !kernel.rows<72 x f32>, !kernel.vector<288>, !kernel.vector<72>
}
