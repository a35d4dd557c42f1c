// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @softcap(
// CHECK: kernel.softcap %{{.*}} at 3.000000e+01 : <64>
kernel.func @softcap(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.softcap %0 at 30.0 : !kernel.row<64>
}
