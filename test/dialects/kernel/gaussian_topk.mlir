// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @gaussian_topk(
// CHECK: kernel.gaussian_topk %{{.*}} above 1.500000e+00 : <64>
kernel.func @gaussian_topk(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.gaussian_topk %0 above 1.5 : !kernel.row<64>
}
