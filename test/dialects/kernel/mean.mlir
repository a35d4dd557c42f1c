// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @mean(
// CHECK: kernel.mean %arg0 of(%arg1, %arg2, %arg3) : <64 x f32> -> <64>
kernel.func @mean(%x: !kernel.rows<64 x f32>, %wanted: !kernel.list, %positions: !kernel.list, %ends: !kernel.list) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.mean %x of(%wanted, %positions, %ends) : !kernel.rows<64 x f32> -> !kernel.row<64>
}
