// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @merge_strands
kernel.func @merge_strands(%x: !kernel.rows<72 x f32>, %y: !kernel.rows<64 x q8>)
    attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // CHECK: %[[R:.*]] = kernel.merge_strands %arg0 {heads = 4 : i64} : <72 x f32> -> <64>
  // CHECK: kernel.store %[[R]], %arg1
  %0 = kernel.merge_strands %x {heads = 4 : i64} : !kernel.rows<72 x f32> -> !kernel.row<64>
  kernel.store %0, %y : !kernel.row<64>, !kernel.rows<64 x q8>
}
