// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @scale_by(
// CHECK: kernel.scale_by %{{.*}}, %{{.*}} : <64>, <64>
kernel.func @scale_by(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<64>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.scale_by %0, %w : !kernel.row<64>, !kernel.vector<64>
}

// CHECK-LABEL: @scale_by_one(
// CHECK: kernel.scale_by %{{.*}}, %{{.*}} : <64>, <1>
kernel.func @scale_by_one(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<1>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.scale_by %0, %w : !kernel.row<64>, !kernel.vector<1>
}
