// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @contenders(
// CHECK: kernel.contenders %{{.*}} above %{{.*}} to %{{.*}} : <5000 x f32>, <64 x keys> to <128 x keys>
kernel.func @contenders(%x: !kernel.rows<5000 x f32>, %t: !kernel.rows<64 x keys>, %y: !kernel.rows<128 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 2 : i64} {
  kernel.contenders %x above %t to %y : !kernel.rows<5000 x f32>, !kernel.rows<64 x keys> to !kernel.rows<128 x keys>
}
