// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @gelu(
// CHECK: kernel.gelu %{{.*}} : <64>
kernel.func @gelu(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.gelu %0 : !kernel.row<64>
}
