// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @match_rms(
// CHECK: kernel.match_rms %{{.*}}, %{{.*}} floor 1.250000e-01 : <64>
kernel.func @match_rms(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.match_rms %0, %0 floor 0.125 : !kernel.row<64>
}
