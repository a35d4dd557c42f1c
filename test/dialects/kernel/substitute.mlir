// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @substitute
kernel.func @substitute(%x: !kernel.rows<64 x f32>, %tokens: !kernel.list, %v: !kernel.vector<64>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  // CHECK: kernel.substitute %{{.*}}, %{{.*}} token 510 by %{{.*}} : <64>, <64>
  %1 = kernel.substitute %0, %tokens token 510 by %v : !kernel.row<64>, !kernel.vector<64>
  kernel.store %1, %y : !kernel.row<64>, !kernel.rows<64 x f32>
}
