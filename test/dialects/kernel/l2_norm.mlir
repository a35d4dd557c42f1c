// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @l2_norm(
// CHECK: kernel.l2_norm %{{.*}} : <64>
kernel.func @l2_norm(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.l2_norm %0 : !kernel.row<64>
}
