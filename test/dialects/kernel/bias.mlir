// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @bias(
// CHECK: kernel.bias %{{.*}}, %{{.*}} : <64>, <64>
kernel.func @bias(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<64>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.bias %0, %w : !kernel.row<64>, !kernel.vector<64>
}
