// RUN: lapidary-opt %s --plan-add-limits | FileCheck %s
// RUN: lapidary-opt %s --plan-add-limits --plan-place-weights | FileCheck %s --check-prefix=PLACED

gemma.param @head : tensor<1000x64xbf16> from "w" at 0
gemma.param @small : tensor<64x64xbf16> from "w" at 0
gemma.param @table : tensor<9000x64xf32> from "w" at 0
kernel.func @product(%x: !kernel.rows<64 x q8>, %w: !kernel.weight<1000 x 64 x int4>, %y: !kernel.rows<1000 x f32>)
    attributes {unit = #kernel.unit<one>, slices = 16 : i64} {
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x q8>, !kernel.weight<1000 x 64 x int4> to !kernel.rows<1000 x f32>
}
kernel.func @others(%w: !kernel.weight<64 x 64 x bf16>, %t: !kernel.table<9000 x 64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}
plan.program @text rows(1, 1) block(1) {
  %0 = gemma.weight @small : tensor<64x64xbf16>
  %s = plan.pack %0 : tensor<64x64xbf16> -> !kernel.weight<64 x 64 x bf16>
  %1 = gemma.weight @table : tensor<9000x64xf32>
  %t = plan.pack %1 : tensor<9000x64xf32> -> !kernel.table<9000 x 64 x f32>
  plan.dispatch @others(%s, %t) "" : !kernel.weight<64 x 64 x bf16>, !kernel.table<9000 x 64 x f32>
  %2 = gemma.weight @head : tensor<1000x64xbf16>
  %3 = gemma.convert %2 : tensor<1000x64xbf16> -> tensor<1000x64x!gemma.quant<int4, group = 32>>
  %w = plan.pack %3 : tensor<1000x64x!gemma.quant<int4, group = 32>> -> !kernel.weight<1000 x 64 x int4>
  %x = plan.buffer "x" : !kernel.rows<64 x q8>
  %y = plan.buffer "y" : !kernel.rows<1000 x f32>
  plan.dispatch @product(%x, %w, %y) "" : !kernel.rows<64 x q8>, !kernel.weight<1000 x 64 x int4>, !kernel.rows<1000 x f32>
}

// The largest matrix, not the table, with all of its recipe; 64 panels of 576
// bytes are less than one stretch.
// CHECK:       kernel.func @read(%[[A:.*]]: !kernel.weight<1000 x 64 x int4>) attributes {slices = 1 : i64, unit = #kernel.unit<one>} {
// CHECK-NEXT:    kernel.read %[[A]]
// CHECK:       plan.program @limit.read limit rows(1, 1) block(1) {
// CHECK-NEXT:    %[[W:.*]] = gemma.weight @head
// CHECK-NEXT:    %[[Q:.*]] = gemma.convert %[[W]]
// CHECK-NEXT:    %[[P:.*]] = plan.pack %[[Q]] : {{.*}} -> !kernel.weight<1000 x 64 x int4>
// CHECK-NEXT:    plan.dispatch @read(%[[P]]) "read"

// What rows are multiplied in, and what all the rest is.
// CHECK:       kernel.multiply <f32>
// CHECK:       plan.program @limit.f32 limit
// CHECK-NEXT:    plan.dispatch @multiply_f32() "f32"
// CHECK-NOT:   kernel.multiply <bf16>
// CHECK-NOT:   kernel.multiply <int4>
// CHECK:       kernel.multiply <int8>
// CHECK:       plan.program @limit.int8 limit
// CHECK-NEXT:    plan.dispatch @multiply_int8() "int8"

// It is read where it is.
// PLACED: plan.pack %{{.*}} at [[OFFSET:[0-9]+]] : {{.*}} -> !kernel.weight<1000 x 64 x int4>
// PLACED: plan.program @limit.read
// PLACED: plan.pack %{{.*}} at [[OFFSET]] : {{.*}} -> !kernel.weight<1000 x 64 x int4>
