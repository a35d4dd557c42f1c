// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @rope_table
// CHECK: kernel.rope_table %{{.*}}, %{{.*}} : <32> -> <64>
kernel.func @rope_table(%positions: !kernel.list, %f: !kernel.vector<32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.rope_table %positions, %f : !kernel.vector<32> -> !kernel.row<64>
}
