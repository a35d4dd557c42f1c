// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// Two slices for the 128 columns of a result: each makes 64 products, and pairs
// of them one column.
// CHECK-LABEL: @gated
// CHECK: kernel.matmul %{{.*}}, %{{.*}} to %{{.*}} rows <row> epilogue <gelu_mul> : <64 x q8>, <256 x 64 x int4> to <128 x q8>
kernel.func @gated(%x: !kernel.rows<64 x q8>, %w: !kernel.weight<256 x 64 x int4>, %y: !kernel.rows<128 x q8>)
    attributes {unit = #kernel.unit<one>, slices = 4 : i64} {
  kernel.matmul %x, %w to %y rows <row> epilogue <gelu_mul> : !kernel.rows<64 x q8>, !kernel.weight<256 x 64 x int4> to !kernel.rows<128 x q8>
}

// CHECK-LABEL: @head
// CHECK: kernel.matmul %{{.*}}, %{{.*}} to %{{.*}} rows <wanted> epilogue <none> softcap 3.000000e+01 : <64 x bf16>, <515 x 64 x bf16> to <515 x dense>
kernel.func @head(%x: !kernel.rows<64 x bf16>, %w: !kernel.weight<515 x 64 x bf16>, %y: !kernel.rows<515 x dense>)
    attributes {unit = #kernel.unit<one>, slices = 9 : i64} {
  kernel.matmul %x, %w to %y rows <wanted> epilogue <none> softcap 30.0 : !kernel.rows<64 x bf16>, !kernel.weight<515 x 64 x bf16> to !kernel.rows<515 x dense>
}

// Pairs of 40 columns still write the padding up to 64.
// CHECK-LABEL: @narrow
kernel.func @narrow(%x: !kernel.rows<24 x f32>, %w: !kernel.weight<80 x 24 x f32>, %y: !kernel.rows<40 x f32>)
    attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  kernel.matmul %x, %w to %y rows <row> epilogue <gelu_mul> : !kernel.rows<24 x f32>, !kernel.weight<80 x 24 x f32> to !kernel.rows<40 x f32>
}

// CHECK-LABEL: @allowed
// CHECK: kernel.matmul %{{.*}}, %{{.*}} to %{{.*}} rows <wanted> epilogue <none> among %{{.*}} : !kernel.rows<515 x bits> : <64 x f32>, <515 x 64 x f32> to <515 x f32>
kernel.func @allowed(%x: !kernel.rows<64 x f32>, %w: !kernel.weight<515 x 64 x f32>, %y: !kernel.rows<515 x f32>, %m: !kernel.rows<515 x bits>)
    attributes {unit = #kernel.unit<one>, slices = 9 : i64} {
  kernel.matmul %x, %w to %y rows <wanted> epilogue <none> among %m : !kernel.rows<515 x bits> : !kernel.rows<64 x f32>, !kernel.weight<515 x 64 x f32> to !kernel.rows<515 x f32>
}
