// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @route(
// CHECK: kernel.route %{{.*}}, %{{.*}} to %{{.*}} : <128>, <128>, <128 top 8>
kernel.func @route(%x: !kernel.rows<128 x f32>, %s: !kernel.vector<128>, %r: !kernel.routing<128 top 8>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<128 x f32> -> !kernel.row<128>
  kernel.route %0, %s to %r : !kernel.row<128>, !kernel.vector<128>, !kernel.routing<128 top 8>
}
