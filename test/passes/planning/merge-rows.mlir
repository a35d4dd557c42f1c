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
  %x = plan.buffer "x" : !kernel.rows<64 x f32>
  %y = plan.buffer "between" : !kernel.rows<64 x f32>
  %w = plan.rope_frequencies base 1.0e4 factor 1.0 pairs 64 : <64>
  %z = plan.buffer "z" : !kernel.rows<64 x q8>
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
  %x = plan.buffer "x" : !kernel.rows<64 x f32>
  %y = plan.buffer "y" : !kernel.rows<64 x f32>
  %z = plan.buffer "z" : !kernel.rows<64 x f32>
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
  %x = plan.buffer "x" : !kernel.rows<64 x f32>
  %y = plan.buffer "y" : !kernel.rows<64 x f32>
  %z = plan.buffer "z" : !kernel.rows<64 x f32>
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
  %x = plan.buffer "x" : !kernel.rows<64 x f32>
  %y = plan.buffer "y" : !kernel.rows<64 x f32>
  %z = plan.buffer "z" : !kernel.rows<64 x f32>
  plan.dispatch @copy(%x, %y) "first" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @wanted(%y, %z) "second" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
}

// -----

// Columns are read from memory: what the second loads with an offset stays there.
// CHECK-LABEL: kernel.func @copy_columns
// CHECK-SAME:  (%[[X:.*]]: !kernel.rows<64 x f32>, %[[Y:.*]]: !kernel.rows<64 x f32>, %[[O:.*]]: !kernel.offset, %[[Z:.*]]: !kernel.rows<16 x f32>)
// CHECK-NEXT:  %[[ROW:.*]] = kernel.load %[[X]]
// CHECK-NEXT:  kernel.store %[[ROW]], %[[Y]]
// CHECK-NEXT:  %[[COLUMNS:.*]] = kernel.load %[[Y]] offset %[[O]]
// CHECK-NEXT:  kernel.store %[[COLUMNS]], %[[Z]]
// CHECK-LABEL: plan.program @columns_of_row
// CHECK:       %[[X:.*]] = plan.buffer "x"
// CHECK:       %[[Y:.*]] = plan.buffer "y"
// CHECK:       plan.dispatch @copy_columns(%[[X]], %[[Y]], %{{.*}}, %{{.*}}) "first, second"
kernel.func @copy(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
kernel.func @columns(%x: !kernel.rows<64 x f32>, %o: !kernel.offset, %y: !kernel.rows<16 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x offset %o : <64 x f32> -> <16>
  kernel.store %0, %y : <16>, <16 x f32>
}
plan.program @columns_of_row rows(1, 8) block(4) {
  %x = plan.buffer "x" : !kernel.rows<64 x f32>
  %y = plan.buffer "y" : !kernel.rows<64 x f32>
  %o = plan.offset 128
  %z = plan.buffer "z" : !kernel.rows<16 x f32>
  plan.dispatch @copy(%x, %y) "first" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @columns(%y, %o, %z) "second" : !kernel.rows<64 x f32>, !kernel.offset, !kernel.rows<16 x f32>
}

// -----

// So it does when a third reads the whole row last.
// CHECK-LABEL: kernel.func @copy_columns_norm
// CHECK-SAME:  (%[[X:.*]]: !kernel.rows<64 x f32>, %[[Y:.*]]: !kernel.rows<64 x f32>, %[[O:.*]]: !kernel.offset, %{{.*}}: !kernel.rows<16 x f32>, %[[W:.*]]: !kernel.vector<64>, %{{.*}}: !kernel.rows<64 x f32>)
// CHECK-NEXT:  %[[ROW:.*]] = kernel.load %[[X]]
// CHECK-NEXT:  kernel.store %[[ROW]], %[[Y]]
// CHECK-NEXT:  kernel.load %[[Y]] offset %[[O]]
// CHECK:       kernel.rms_norm %[[ROW]], %[[W]]
// CHECK-LABEL: plan.program @columns_then_row
// CHECK:       plan.dispatch @copy_columns_norm({{.*}}) "first, second, third"
kernel.func @copy(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
kernel.func @columns(%x: !kernel.rows<64 x f32>, %o: !kernel.offset, %y: !kernel.rows<16 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x offset %o : <64 x f32> -> <16>
  kernel.store %0, %y : <16>, <16 x f32>
}
kernel.func @norm(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<64>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  %1 = kernel.rms_norm %0, %w epsilon 1.0e-6 : <64>, <64>
  kernel.store %1, %y : <64>, <64 x f32>
}
plan.program @columns_then_row rows(1, 8) block(4) {
  %x = plan.buffer "x" : !kernel.rows<64 x f32>
  %y = plan.buffer "y" : !kernel.rows<64 x f32>
  %o = plan.offset 128
  %z = plan.buffer "z" : !kernel.rows<16 x f32>
  %w = plan.rope_frequencies base 1.0e4 factor 1.0 pairs 64 : <64>
  %n = plan.buffer "n" : !kernel.rows<64 x f32>
  plan.dispatch @copy(%x, %y) "first" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @columns(%y, %o, %z) "second" : !kernel.rows<64 x f32>, !kernel.offset, !kernel.rows<16 x f32>
  plan.dispatch @norm(%y, %w, %n) "third" : !kernel.rows<64 x f32>, !kernel.vector<64>, !kernel.rows<64 x f32>
}

// -----

// Both load the same row: once is enough. A row that a list names is another.
// CHECK-LABEL: kernel.func @copy_copy
// CHECK-SAME:  (%[[X:.*]]: !kernel.rows<64 x f32>, %[[Y:.*]]: !kernel.rows<64 x f32>, %[[Z:.*]]: !kernel.rows<64 x f32>)
// CHECK-NEXT:  %[[ROW:.*]] = kernel.load %[[X]]
// CHECK-NEXT:  kernel.store %[[ROW]], %[[Y]]
// CHECK-NEXT:  kernel.store %[[ROW]], %[[Z]]
// CHECK-LABEL: kernel.func @select_wanted
// CHECK-SAME:  (%[[X:.*]]: !kernel.rows<64 x f32>, %[[LIST:.*]]: !kernel.list, %[[Y:.*]]: !kernel.rows<64 x f32>, %[[Z:.*]]: !kernel.rows<64 x f32>)
// CHECK-NEXT:  %[[ROW:.*]] = kernel.load %[[X]] at %[[LIST]]
// CHECK-NEXT:  kernel.store %[[ROW]], %[[Y]]
// CHECK-NEXT:  %[[ROW:.*]] = kernel.load %[[X]] :
// CHECK-NEXT:  kernel.store %[[ROW]], %[[Z]]
// CHECK-LABEL: plan.program @same_rows
// CHECK:       plan.dispatch @copy_copy({{.*}}) "first, second"
// CHECK-NEXT:  plan.dispatch @select_wanted({{.*}}) "third, fourth"
kernel.func @copy(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
kernel.func @select(%x: !kernel.rows<64 x f32>, %list: !kernel.list, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.load %x at %list : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
kernel.func @wanted(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
plan.program @same_rows rows(1, 8) block(4) {
  %x = plan.buffer "x" : !kernel.rows<64 x f32>
  %y = plan.buffer "y" : !kernel.rows<64 x f32>
  %z = plan.buffer "z" : !kernel.rows<64 x f32>
  %list = plan.step <wanted>
  plan.dispatch @copy(%x, %y) "first" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @copy(%x, %z) "second" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @select(%x, %list, %y) "third" : !kernel.rows<64 x f32>, !kernel.list, !kernel.rows<64 x f32>
  plan.dispatch @wanted(%x, %z) "fourth" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
}

// -----

// A mean needs rows that other slices of the first make. What follows it needs
// only its own.
// CHECK-LABEL: kernel.func @mean_copy
// CHECK-SAME:  (%[[X:.*]]: !kernel.rows<64 x f32>, %[[L:.*]]: !kernel.list, %[[Y:.*]]: !kernel.rows<64 x f32>)
// CHECK-NEXT:  %[[MEAN:.*]] = kernel.mean %[[X]] of(%[[L]], %[[L]], %[[L]])
// CHECK-NEXT:  kernel.store %[[MEAN]], %[[Y]]
// CHECK-LABEL: plan.program @mean_between
// CHECK:       plan.dispatch @copy({{.*}}) "first"
// CHECK-NEXT:  plan.dispatch @mean_copy({{.*}}) "second, third"
kernel.func @copy(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
kernel.func @mean(%x: !kernel.rows<64 x f32>, %list: !kernel.list, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.mean %x of(%list, %list, %list) : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
plan.program @mean_between rows(1, 8) block(4) {
  %x = plan.buffer "x" : !kernel.rows<64 x f32>
  %y = plan.buffer "y" : !kernel.rows<64 x f32>
  %z = plan.buffer "z" : !kernel.rows<64 x f32>
  %n = plan.buffer "n" : !kernel.rows<64 x f32>
  %list = plan.step <wanted>
  plan.dispatch @copy(%x, %y) "first" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @mean(%y, %list, %z) "second" : !kernel.rows<64 x f32>, !kernel.list, !kernel.rows<64 x f32>
  plan.dispatch @copy(%z, %n) "third" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
}

// -----

// Equal pairs are one kernel; it is another when two places are the same.
// CHECK-LABEL: kernel.func @copy_add_0(
// CHECK-SAME:  %[[X:.*]]: !kernel.rows<64 x f32>, %[[Z:.*]]: !kernel.rows<64 x f32>)
// CHECK-NEXT:  %[[A:.*]] = kernel.load %[[X]]
// CHECK-NEXT:  %[[SUM:.*]] = kernel.add %[[A]], %[[A]]
// CHECK-LABEL: kernel.func @copy_add(
// CHECK-SAME:  %[[X:.*]]: !kernel.rows<64 x f32>, %[[Y:.*]]: !kernel.rows<64 x f32>, %[[Z:.*]]: !kernel.rows<64 x f32>)
// CHECK-NEXT:  %[[A:.*]] = kernel.load %[[X]]
// CHECK-NEXT:  %[[B:.*]] = kernel.load %[[Y]]
// CHECK-NEXT:  %[[SUM:.*]] = kernel.add %[[A]], %[[B]]
// CHECK-NOT:   kernel.func @copy
// CHECK-LABEL: plan.program @layers
// CHECK:       plan.dispatch @copy_add(%{{.*}}, %{{.*}}, %{{.*}}) "layer 0, sum"
// CHECK-NEXT:  plan.dispatch @by_block
// CHECK-NEXT:  plan.dispatch @copy_add(%{{.*}}, %{{.*}}, %{{.*}}) "layer 1, sum"
// CHECK-NEXT:  plan.dispatch @by_block
// CHECK-NEXT:  plan.dispatch @copy_add_0(%{{.*}}, %{{.*}}) "layer 2, sum"
kernel.func @copy(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
kernel.func @add(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %z: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  %1 = kernel.load %y : <64 x f32> -> <64>
  %2 = kernel.add %0, %1 : <64>
  kernel.store %2, %z : <64>, <64 x f32>
}
kernel.func @by_block(%x: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
}
plan.program @layers rows(1, 8) block(4) {
  %x = plan.buffer "x" : !kernel.rows<64 x f32>
  %y = plan.buffer "y" : !kernel.rows<64 x f32>
  %z = plan.buffer "z" : !kernel.rows<64 x f32>
  %a = plan.buffer "a" : !kernel.rows<64 x f32>
  %b = plan.buffer "b" : !kernel.rows<64 x f32>
  %c = plan.buffer "c" : !kernel.rows<64 x f32>
  plan.dispatch @copy(%x, %a) "layer 0" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @add(%a, %y, %z) "sum" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @by_block(%z) "between" : !kernel.rows<64 x f32>
  plan.dispatch @copy(%y, %b) "layer 1" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @add(%b, %x, %z) "sum" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @by_block(%z) "between" : !kernel.rows<64 x f32>
  plan.dispatch @copy(%x, %c) "layer 2" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @add(%c, %x, %z) "sum" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
}

// -----

// A name that would become too long stays that of the first.
// CHECK-NOT:   _copy(
// CHECK:       kernel.func @a_kernel_with_a_long_name_that_says_what_it_does_and_a_little_more_than_that_0(
// CHECK-LABEL: plan.program @long_name
// CHECK:       plan.dispatch @a_kernel_with_a_long_name_that_says_what_it_does_and_a_little_more_than_that_0({{.*}}) "first, second"
kernel.func @a_kernel_with_a_long_name_that_says_what_it_does_and_a_little_more_than_that(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
kernel.func @copy(%x: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : <64 x f32> -> <64>
  kernel.store %0, %y : <64>, <64 x f32>
}
plan.program @long_name rows(1, 8) block(4) {
  %x = plan.buffer "x" : !kernel.rows<64 x f32>
  %y = plan.buffer "y" : !kernel.rows<64 x f32>
  %z = plan.buffer "z" : !kernel.rows<64 x f32>
  plan.dispatch @a_kernel_with_a_long_name_that_says_what_it_does_and_a_little_more_than_that(%x, %y) "first" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
  plan.dispatch @copy(%y, %z) "second" : !kernel.rows<64 x f32>, !kernel.rows<64 x f32>
}
