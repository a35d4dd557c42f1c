// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @scale(
// CHECK: kernel.scale %{{.*}} by 5.000000e-01 : <64>
kernel.func @scale(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.scale %0 by 0.5 : !kernel.row<64>
}
