// RUN: lapidary-opt %s --cpu-expand-kernels=target=sapphirerapids --cse | FileCheck %s

// Tiles of 16 rows: two at once with two panels, then one; then single rows.
// CHECK-LABEL: llvm.func @pairs(
// CHECK:         -> (!llvm.x86_amx, !llvm.x86_amx, !llvm.x86_amx, !llvm.x86_amx)
// CHECK-COUNT-4:   "llvm.x86.tdpbf16ps.internal"
// CHECK-COUNT-4: "llvm.x86.tilestored64.internal"
// CHECK:         -> (!llvm.x86_amx, !llvm.x86_amx)
// CHECK-COUNT-2:   "llvm.x86.tdpbf16ps.internal"
// CHECK-COUNT-2: "llvm.x86.tilestored64.internal"
// CHECK:         "llvm.x86.avx512bf16.dpbf16ps.512"
// CHECK:         llvm.return
kernel.func @pairs(%x: !kernel.rows<64 x bf16>, %w: !kernel.weight<128 x 64 x bf16>, %y: !kernel.rows<128 x f32>)
    attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x bf16>, !kernel.weight<128 x 64 x bf16> to !kernel.rows<128 x f32>
}

// One tile for each group: its sums are scaled before they are added.
// CHECK-LABEL: llvm.func @bytes(
// CHECK:         %[[DEPTH:.*]] = arith.constant 32 : i16
// CHECK:         "llvm.x86.tdpbssd.internal"(%{{.*}}, %{{.*}}, %[[DEPTH]], %{{.*}}, %{{.*}}, %{{.*}})
// CHECK:         "llvm.x86.tilestored64.internal"
// CHECK:         "llvm.x86.tdpbssd.internal"
// CHECK:         "llvm.x86.tilestored64.internal"
// CHECK-COUNT-32: math.fma
// CHECK:         "llvm.x86.avx512.vpdpbusd.512"
// CHECK:         llvm.return
kernel.func @bytes(%x: !kernel.rows<64 x q8>, %w: !kernel.weight<128 x 64 x int4>, %y: !kernel.rows<128 x f32>)
    attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x q8>, !kernel.weight<128 x 64 x int4> to !kernel.rows<128 x f32>
}
