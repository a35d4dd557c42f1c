// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @read(
// CHECK: kernel.read %arg0 : <4096 x 64 x int4>
kernel.func @read(%w: !kernel.weight<4096 x 64 x int4>) attributes {unit = #kernel.unit<one>, slices = 3 : i64} {
  kernel.read %w : !kernel.weight<4096 x 64 x int4>
}
