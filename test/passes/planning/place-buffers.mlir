// RUN: lapidary-opt %s "--pass-pipeline=builtin.module(plan.program(plan-place-buffers))" | FileCheck %s

kernel.func @copy(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}
kernel.func @widen(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<128 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}
kernel.func @narrow(%x: !kernel.rows<128 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
}

// A row of 64 float32 is 256 bytes, and a buffer has room for 8 of them or a
// multiple. Of a chain only two links are live at once, and the third takes the
// place of the first.
// CHECK-LABEL: plan.program @chain {{.*}} arena(4096)
// CHECK: plan.buffer "a" at 2048
// CHECK: plan.buffer "b" at 0
// CHECK: plan.buffer "c" at 2048
// CHECK: plan.buffer "d" at 0
plan.program @chain rows(1, 1) block(1) {
  %a = plan.buffer "a" : !kernel.rows<64 x f32>
  %b = plan.buffer "b" : !kernel.rows<64 x f32>
  %c = plan.buffer "c" : !kernel.rows<64 x f32>
  %d = plan.buffer "d" : !kernel.rows<64 x f32>
  plan.dispatch @copy(%a, %b) "" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @copy(%b, %c) "" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @copy(%c, %d) "" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
}

// A residual is live from end to end, so that nothing takes its place.
// CHECK-LABEL: plan.program @residual {{.*}} arena(6144)
// CHECK: plan.buffer "residual" at 0
// CHECK: plan.buffer "b" at 2048
// CHECK: plan.buffer "c" at 4096
// CHECK: plan.buffer "d" at 2048
plan.program @residual rows(1, 1) block(1) {
  %a = plan.buffer "residual" : !kernel.rows<64 x f32>
  %b = plan.buffer "b" : !kernel.rows<64 x f32>
  %c = plan.buffer "c" : !kernel.rows<64 x f32>
  %d = plan.buffer "d" : !kernel.rows<64 x f32>
  plan.dispatch @copy(%a, %b) "" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @copy(%b, %c) "" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @copy(%c, %d) "" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @copy(%d, %a) "" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
}

// Of equally long lives the largest is placed first; the others fit behind it and
// where it is no more. 16 rows of 128 and 64 float32: the arena is what one dispatch needs.
// CHECK-LABEL: plan.program @sizes {{.*}} arena(12288)
// CHECK: plan.buffer "small" at 8192
// CHECK: plan.buffer "large" at 0
// CHECK: plan.buffer "after" at 8192
// CHECK: plan.buffer "last" at 0
plan.program @sizes rows(1, 16) block(16) {
  %a = plan.buffer "small" : !kernel.rows<64 x f32>
  %b = plan.buffer "large" : !kernel.rows<128 x f32>
  %c = plan.buffer "after" : !kernel.rows<64 x f32>
  %d = plan.buffer "last" : !kernel.rows<64 x f32>
  plan.dispatch @widen(%a, %b) "" : !kernel.rows<64 x f32>, !kernel.rows<128 x f32>
  plan.dispatch @narrow(%b, %c) "" : !kernel.rows<128 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @copy(%c, %d) "" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
}

// A buffer that nobody reads still needs its place while it is written; one that
// nobody uses needs none.
// CHECK-LABEL: plan.program @dead {{.*}} arena(6144)
// CHECK: plan.buffer "x" at 0
// CHECK: plan.buffer "unread" at 4096
// CHECK: plan.buffer "y" at 2048
// CHECK: plan.buffer "unused" : !kernel.rows<64 x f32>
plan.program @dead rows(1, 1) block(1) {
  %x = plan.buffer "x" : !kernel.rows<64 x f32>
  %u = plan.buffer "unread" : !kernel.rows<64 x f32>
  %y = plan.buffer "y" : !kernel.rows<64 x f32>
  %z = plan.buffer "unused" : !kernel.rows<64 x f32>
  plan.dispatch @copy(%x, %y) "" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @copy(%x, %u) "" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @copy(%y, %x) "" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
}

// CHECK-LABEL: plan.program @empty {{.*}} arena(0)
plan.program @empty rows(1, 1) block(1) {
  %t = plan.step <tokens>
}
