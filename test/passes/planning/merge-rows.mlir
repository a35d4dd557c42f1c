// RUN: lapidary-opt %s --plan-merge-rows --split-input-file | FileCheck %s

// What the first stores reaches the second as a value; the place between goes.
// CHECK-LABEL: kernel.func @copy_norm
// CHECK-SAME:  (%[[X:.*]]: !kernel.rows<64 x f32>, %[[W:.*]]: !kernel.vector<64>, %[[Y:.*]]: !kernel.rows<64 x q8>)
// CHECK-NEXT:  %[[ROW:.*]] = kernel.load %[[X]]
// CHECK-NEXT:  %[[NORM:.*]] = kernel.rms_norm %[[ROW]], %[[W]]
// CHECK-NEXT:  kernel.store %[[NORM]], %[[Y]]
// CHECK-LABEL: plan.program @between
// CHECK-NOT:   "between"
// CHECK:       plan.dispatch @copy_norm(%{{.*}}, %{{.*}}, %{{.*}}) "first, second"
// CHECK-NOT:   plan.dispatch
kernel.func @copy(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
kernel.func @norm(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<64>, %y: !kernel.rows<64 x q8>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  %1 = kernel.rms_norm %0, %w epsilon 1.0e-6 : <64>, <64>
  kernel.store %1, %y : <64>, <64 x q8>
}
plan.program @between rows(1, 8) block(4) {
  %x = plan.buffer "x" : <64 x f32>
  %y = plan.buffer "between" : <64 x f32>
  %w = plan.rope_frequencies base 1.0e4 factor 1.0 pairs 64 : <64>
  %z = plan.buffer "z" : <64 x q8>
  plan.dispatch @copy(%x, %y) "first" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @norm(%y, %w, %z) "second" : !kernel.rows<64 x f32>, !kernel.vector<64>, !kernel.rows<64 x q8>
}

// -----

// The row is wanted later, too: it is still stored, but not loaded again.
// CHECK-LABEL: kernel.func @copy_copy
// CHECK-NEXT:  %[[ROW:.*]] = kernel.load
// CHECK-NEXT:  kernel.store %[[ROW]]
// CHECK-NEXT:  kernel.store %[[ROW]]
// CHECK-LABEL: plan.program @kept
// CHECK:       plan.dispatch @copy_copy({{.*}}) "first, second"
// CHECK-NEXT:  plan.dispatch @by_block
kernel.func @copy(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
kernel.func @by_block(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
}
plan.program @kept rows(1, 8) block(4) {
  %x = plan.buffer "x" : <64 x f32>
  %y = plan.buffer "y" : <64 x f32>
  %z = plan.buffer "z" : <64 x f32>
  plan.dispatch @copy(%x, %y) "first" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @copy(%y, %z) "second" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @by_block(%y) "third" : !kernel.rows<64 x f32>
}

// -----

// The second needs rows that other slices of the first make.
// CHECK-LABEL: plan.program @gathered
// CHECK:       plan.dispatch @copy(
// CHECK:       plan.dispatch @select(
kernel.func @copy(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
kernel.func @select(%x: !kernel.rows<64 x f32>, %list: !kernel.list, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.load %x at %list : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
plan.program @gathered rows(1, 8) block(4) {
  %x = plan.buffer "x" : <64 x f32>
  %y = plan.buffer "y" : <64 x f32>
  %z = plan.buffer "z" : <64 x f32>
  %list = plan.step <wanted>
  plan.dispatch @copy(%x, %y) "first" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @select(%y, %list, %z) "second" : !kernel.rows<64 x f32>, !kernel.list, !kernel.rows<64 x f32>
}

// -----

// Different units: rows of the step and wanted rows.
// CHECK-LABEL: plan.program @units
// CHECK:       plan.dispatch @copy(
// CHECK:       plan.dispatch @wanted(
kernel.func @copy(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
kernel.func @wanted(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
plan.program @units rows(1, 8) block(4) {
  %x = plan.buffer "x" : <64 x f32>
  %y = plan.buffer "y" : <64 x f32>
  %z = plan.buffer "z" : <64 x f32>
  plan.dispatch @copy(%x, %y) "first" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @wanted(%y, %z) "second" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
}
