// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @rms_norm(
// CHECK: kernel.rms_norm %{{.*}}, %{{.*}} epsilon {{.*}} : <64>, <64>
kernel.func @rms_norm(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<64>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.rms_norm %0, %w epsilon 1.0e-6 : !kernel.row<64>, !kernel.vector<64>
}

// Four heads of 16.
// CHECK-LABEL: @stretches(
// CHECK: kernel.rms_norm %{{.*}}, %{{.*}} epsilon {{.*}} : <64>, <16>
kernel.func @stretches(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<16>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.rms_norm %0, %w epsilon 1.0e-6 : !kernel.row<64>, !kernel.vector<16>
}
