// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @load(
// CHECK: kernel.load %{{.*}} : <64 x f32> -> <64>
kernel.func @load(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
}

// CHECK-LABEL: @load_at(
// CHECK: kernel.load %{{.*}} at %{{.*}} : <17 x f32> -> <17>
kernel.func @load_at(%x: !kernel.rows<17 x f32>, %wanted: !kernel.list) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.load %x at %wanted : !kernel.rows<17 x f32> -> !kernel.row<17>
}

// CHECK-LABEL: @load_offset
// CHECK: kernel.load %{{.*}} offset %{{.*}} : <128 x f32> -> <16>
kernel.func @load_offset(%x: !kernel.rows<128 x f32>, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x offset %offset : !kernel.rows<128 x f32> -> !kernel.row<16>
}

// CHECK-LABEL: @load_at_offset
// CHECK: kernel.load %{{.*}} at %{{.*}} offset %{{.*}} : <128 x f32> -> <128>
kernel.func @load_at_offset(%x: !kernel.rows<128 x f32>, %wanted: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.load %x at %wanted offset %offset : !kernel.rows<128 x f32> -> !kernel.row<128>
}
