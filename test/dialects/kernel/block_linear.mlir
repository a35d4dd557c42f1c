// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @block_linear(
// CHECK: kernel.block_linear %arg0, %arg1 to %arg2 rows <row> : <64 x f32>, <64 x 16 x bf16> to <64 x f32>
kernel.func @block_linear(%x: !kernel.rows<64 x f32>, %w: !kernel.table<64 x 16 x bf16>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<one>, slices = 4 : i64} {
  kernel.block_linear %x, %w to %y rows <row> : !kernel.rows<64 x f32>, !kernel.table<64 x 16 x bf16> to !kernel.rows<64 x f32>
}
