// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @best(
// CHECK: kernel.best %{{.*}} to %{{.*}} : <32 x keys> to <64 x keys>
kernel.func @best(%x: !kernel.rows<32 x keys>, %y: !kernel.rows<64 x keys>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  kernel.best %x to %y : !kernel.rows<32 x keys> to !kernel.rows<64 x keys>
}
