// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @add
// CHECK: kernel.add %{{.*}}, %{{.*}} : <64>
kernel.func @add(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %2 = kernel.add %0, %1 : !kernel.row<64>
}
