// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: kernel.func @norm(
// CHECK-SAME:  %[[X:.*]]: !kernel.rows<64 x f32>, %[[W:.*]]: !kernel.vector<64>, %[[Y:.*]]: !kernel.rows<64 x q8>)
// CHECK-SAME:  slices = 1 : i64, unit = #kernel.unit<row>
// CHECK-NEXT:  %[[R:.*]] = kernel.load %[[X]]
// CHECK-NEXT:  %[[N:.*]] = kernel.rms_norm %[[R]], %[[W]]
// CHECK-NEXT:  kernel.store %[[N]], %[[Y]]
kernel.func @norm(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<64>, %y: !kernel.rows<64 x q8>)
    attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.rms_norm %0, %w epsilon 1.0e-6 : !kernel.row<64>, !kernel.vector<64>
  kernel.store %1, %y : !kernel.row<64>, !kernel.rows<64 x q8>
}

// Every place that a kernel may get, and a grid that counts blocks.
// CHECK-LABEL: kernel.func @places(
// CHECK-SAME:  !kernel.rows<17 x dense>, %{{.*}}: !kernel.rows<64 x bf16>, %{{.*}}: !kernel.weight<512 x 64 x int4>
// CHECK-SAME:  !kernel.table<512 x 64 x int8>, %{{.*}}: !kernel.vector<64>, %{{.*}}: !kernel.list, %{{.*}}: !kernel.pages, %{{.*}}: !kernel.offset)
// CHECK-SAME:  slices = 4 : i64, unit = #kernel.unit<block>
kernel.func @places(%0: !kernel.rows<17 x dense>, %1: !kernel.rows<64 x bf16>, %2: !kernel.weight<512 x 64 x int4>,
                    %3: !kernel.table<512 x 64 x int8>, %4: !kernel.vector<64>, %5: !kernel.list, %6: !kernel.pages, %7: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 4 : i64} {
}
