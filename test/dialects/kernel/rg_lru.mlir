// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @rg_lru(
// CHECK: kernel.rg_lru %arg0, %arg1, %arg2, %arg3 to %arg4 state(%arg5, %arg6, %arg7) : <72 x f32>, <72>
kernel.func @rg_lru(%x: !kernel.rows<72 x f32>, %i: !kernel.rows<72 x f32>, %r: !kernel.rows<72 x f32>, %rate: !kernel.vector<72>, %y: !kernel.rows<72 x f32>, %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  kernel.rg_lru %x, %i, %r, %rate to %y state(%pages, %positions, %offset) : !kernel.rows<72 x f32>, !kernel.vector<72>
}
