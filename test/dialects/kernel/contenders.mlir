// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @contenders(
// CHECK: kernel.contenders %{{.*}} above %{{.*}} to %{{.*}} : <5000 x f32>, <64 x keys> to <128 x keys>
kernel.func @contenders(%x: !kernel.rows<5000 x f32>, %t: !kernel.rows<64 x keys>, %y: !kernel.rows<128 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 2 : i64} {
  kernel.contenders %x above %t to %y : !kernel.rows<5000 x f32>, !kernel.rows<64 x keys> to !kernel.rows<128 x keys>
}

// CHECK-LABEL: @refined(
// CHECK: kernel.contenders %{{.*}} refined(%{{.*}}, %{{.*}} : !kernel.rows<32 x q8>, !kernel.weight<64 x 32 x planes>) above %{{.*}} to %{{.*}} : <64 x f32>, <64 x keys> to <64 x keys>
kernel.func @refined(%e: !kernel.rows<64 x f32>, %x: !kernel.rows<32 x q8>, %w: !kernel.weight<64 x 32 x planes>, %t: !kernel.rows<64 x keys>, %y: !kernel.rows<64 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  kernel.contenders %e refined(%x, %w : !kernel.rows<32 x q8>, !kernel.weight<64 x 32 x planes>) above %t to %y : !kernel.rows<64 x f32>, !kernel.rows<64 x keys> to !kernel.rows<64 x keys>
}
