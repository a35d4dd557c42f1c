// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @load
// CHECK: kernel.load %{{.*}} : <64 x f32> -> <64>
kernel.func @load(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
}

// CHECK-LABEL: @load_at
// CHECK: kernel.load %{{.*}} at %{{.*}} : <17 x f32> -> <17>
kernel.func @load_at(%x: !kernel.rows<17 x f32>, %wanted: !kernel.list) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.load %x at %wanted : !kernel.rows<17 x f32> -> !kernel.row<17>
}
