// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @scatter(
// CHECK: kernel.scatter %{{.*}} to %{{.*}} by %{{.*}} : <64>, <64 x q8>, <4 top 2>
kernel.func @scatter(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x q8>, %r: !kernel.routing<4 top 2>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  kernel.scatter %0 to %y by %r : !kernel.row<64>, !kernel.rows<64 x q8>, !kernel.routing<4 top 2>
}
