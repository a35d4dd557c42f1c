// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @peaks(
// CHECK: kernel.peaks %{{.*}} to %{{.*}} : <5000 x f32> to <32 x keys>
kernel.func @peaks(%x: !kernel.rows<5000 x f32>, %y: !kernel.rows<32 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 2 : i64} {
  kernel.peaks %x to %y : !kernel.rows<5000 x f32> to !kernel.rows<32 x keys>
}

// CHECK-LABEL: @refined(
// CHECK: kernel.peaks %{{.*}} refined(%{{.*}}, %{{.*}} : !kernel.rows<32 x q8>, !kernel.weight<64 x 32 x planes>) softcap 3.000000e+01 to %{{.*}} : <64 x f32> to <16 x keys>
kernel.func @refined(%e: !kernel.rows<64 x f32>, %x: !kernel.rows<32 x q8>, %w: !kernel.weight<64 x 32 x planes>, %y: !kernel.rows<16 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  kernel.peaks %e refined(%x, %w : !kernel.rows<32 x q8>, !kernel.weight<64 x 32 x planes>) softcap 30.0 to %y : !kernel.rows<64 x f32> to !kernel.rows<16 x keys>
}
