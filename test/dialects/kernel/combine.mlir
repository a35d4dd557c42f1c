// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @combine(
// CHECK: kernel.combine %{{.*}} by %{{.*}} : <64 x f32>, <4 top 2> -> <64>
kernel.func @combine(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %r: !kernel.routing<4 top 2>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.combine %x by %r : !kernel.rows<64 x f32>, !kernel.routing<4 top 2> -> !kernel.row<64>
  kernel.store %0, %y : !kernel.row<64>, !kernel.rows<64 x f32>
}
