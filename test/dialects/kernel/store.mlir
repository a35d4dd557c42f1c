// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @store(
// CHECK: kernel.store %{{.*}}, %{{.*}} : <64>, <64 x f32>
// CHECK: kernel.store %{{.*}}, %{{.*}} : <64>, <64 x bf16>
// CHECK: kernel.store %{{.*}}, %{{.*}} : <64>, <64 x q8>
kernel.func @store(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x bf16>, %z: !kernel.rows<64 x q8>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  kernel.store %0, %x : !kernel.row<64>, !kernel.rows<64 x f32>
  kernel.store %0, %y : !kernel.row<64>, !kernel.rows<64 x bf16>
  kernel.store %0, %z : !kernel.row<64>, !kernel.rows<64 x q8>
}

// The last kernel of a program may write what the caller reads.
// CHECK-LABEL: @store_dense
// CHECK: kernel.store %{{.*}}, %{{.*}} : <17>, <17 x dense>
kernel.func @store_dense(%x: !kernel.rows<17 x f32>, %y: !kernel.rows<17 x dense>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<17 x f32> -> !kernel.row<17>
  kernel.store %0, %y : !kernel.row<17>, !kernel.rows<17 x dense>
}
