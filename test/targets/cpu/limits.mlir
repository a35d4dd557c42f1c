// DEFINE: %{target} =
// DEFINE: %{prefixes} =
// DEFINE: %{expand} = lapidary-opt %s --cpu-expand-kernels=target=%{target} --cse | FileCheck %s --check-prefixes=CHECK,%{prefixes}
// REDEFINE: %{target} = znver4
// REDEFINE: %{prefixes} = AVX512
// RUN: %{expand}
// REDEFINE: %{target} = x86-64-v3
// REDEFINE: %{prefixes} = AVX2
// RUN: %{expand}
// REDEFINE: %{target} = sapphirerapids
// REDEFINE: %{prefixes} = AMX
// RUN: %{expand}

// A stretch of 65536 bytes, or what is left of 147456; four lines at once, each
// fetched ahead as in products, and all of them kept.
// CHECK-LABEL: llvm.func @read(
// CHECK:         %[[BEGIN:.*]] = arith.muli %{{.*}}, %c65536_i64
// CHECK:         %[[NEXT:.*]] = arith.addi %[[BEGIN]], %c65536_i64
// CHECK:         %[[END:.*]] = arith.minsi %[[NEXT]], %c147456_i64
// CHECK:         scf.for %{{.*}} = %[[BEGIN]] to %[[END]]
// CHECK-COUNT-4:   arith.ori %{{.*}} : vector<16xi32>
// CHECK:         llvm.store {{.*}} : vector<16xi32>
kernel.func @read(%w: !kernel.weight<4096 x 64 x int4>) attributes {unit = #kernel.unit<one>, slices = 3 : i64} {
  kernel.read %w : !kernel.weight<4096 x 64 x int4>
}

// 12582912 operations: 8192 times 12 products of 64 bytes, on AVX2 24576 times
// those of two rows; on tiles 96 times four of 16 x 16 x 64.
// CHECK-LABEL:      llvm.func @bytes(
// AVX512:             scf.for {{.*}} to %c8192_i64
// AVX512-COUNT-12:      "llvm.x86.avx512.vpdpbusd.512"
// AVX512-NOT:           "llvm.x86.avx512.vpdpbusd.512"
// AVX2:               scf.for {{.*}} to %c49152_i64
// AVX2-COUNT-4:         "llvm.x86.avx2.pmadd.ub.sw"
// AVX2-NOT:             "llvm.x86.avx2.pmadd.ub.sw"
// AMX:                scf.for {{.*}} to %c96_i64
// AMX-COUNT-4:          "llvm.x86.tdpbssd.internal"
// AMX-NOT:              "llvm.x86.tdpbssd.internal"
// CHECK:            llvm.return
kernel.func @bytes() attributes {unit = #kernel.unit<one>, slices = 256 : i64} {
  kernel.multiply <int8>
}

// CHECK-LABEL:      llvm.func @pairs(
// AVX512:             scf.for {{.*}} to %c16384_i64
// AVX512-COUNT-12:      "llvm.x86.avx512bf16.dpbf16ps.512"
// AMX:                scf.for {{.*}} to %c192_i64
// AMX-COUNT-4:          "llvm.x86.tdpbf16ps.internal"
// CHECK:            llvm.return
kernel.func @pairs() attributes {unit = #kernel.unit<one>, slices = 256 : i64} {
  kernel.multiply <bf16>
}

// CHECK-LABEL:      llvm.func @floats(
// AVX512:             scf.for {{.*}} to %c32768_i64
// AVX512-COUNT-12:      math.fma
// AVX2:               scf.for {{.*}} to %c98304_i64
// AVX2-COUNT-4:         math.fma
// CHECK:            llvm.return
kernel.func @floats() attributes {unit = #kernel.unit<one>, slices = 256 : i64} {
  kernel.multiply <f32>
}
