// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @rope(
// CHECK: kernel.rope %{{.*}}, %{{.*}} {head_dim = 32 : i64} : <64>, <16>
kernel.func @rope(%x: !kernel.rows<64 x f32>, %t: !kernel.rows<16 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.load %t : !kernel.rows<16 x f32> -> !kernel.row<16>
  %2 = kernel.rope %0, %1 {head_dim = 32 : i64} : !kernel.row<64>, !kernel.row<16>
}
