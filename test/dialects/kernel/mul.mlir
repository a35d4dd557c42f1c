// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @mul(
// CHECK: kernel.mul %{{.*}}, %{{.*}} : <64>
kernel.func @mul(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.mul %0, %0 : !kernel.row<64>
}
