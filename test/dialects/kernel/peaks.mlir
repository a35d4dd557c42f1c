// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @peaks(
// CHECK: kernel.peaks %{{.*}} to %{{.*}} : <5000 x f32> to <32 x keys>
kernel.func @peaks(%x: !kernel.rows<5000 x f32>, %y: !kernel.rows<32 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 2 : i64} {
  kernel.peaks %x to %y : !kernel.rows<5000 x f32> to !kernel.rows<32 x keys>
}
