// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @spread(
// CHECK: kernel.spread %{{.*}}, %{{.*}} by %{{.*}} : <16 x f32>, <64>, <4 top 2> -> <64>
kernel.func @spread(%x: !kernel.rows<16 x f32>, %o: !kernel.vector<64>, %y: !kernel.rows<64 x f32>, %r: !kernel.routing<4 top 2>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.spread %x, %o by %r : !kernel.rows<16 x f32>, !kernel.vector<64>, !kernel.routing<4 top 2> -> !kernel.row<64>
  kernel.store %0, %y : !kernel.row<64>, !kernel.rows<64 x f32>
}
