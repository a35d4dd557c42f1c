// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @weighted_sum(
// CHECK: kernel.weighted_sum %{{.*}} from 14 of %{{.*}}, %{{.*}} : <16>, !kernel.row<64>, !kernel.row<64> -> <64>
kernel.func @weighted_sum(%x: !kernel.rows<64 x f32>, %c: !kernel.rows<16 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.load %c : !kernel.rows<16 x f32> -> !kernel.row<16>
  %2 = kernel.weighted_sum %1 from 14 of %0, %0 : !kernel.row<16>, !kernel.row<64>, !kernel.row<64> -> !kernel.row<64>
}
