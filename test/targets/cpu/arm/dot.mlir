// DEFINE: %{target} =
// DEFINE: %{bytes} =
// DEFINE: %{pairs} =
// DEFINE: %{expand} = lapidary-opt %s --cpu-expand-kernels=target=%{target} --cse | FileCheck %s --check-prefixes=CHECK,%{bytes},%{pairs}
// REDEFINE: %{target} = aarch64-i8mm
// REDEFINE: %{bytes} = USDOT
// REDEFINE: %{pairs} = BFDOT
// RUN: %{expand}
// REDEFINE: %{target} = aarch64-dotprod
// REDEFINE: %{bytes} = SDOT
// REDEFINE: %{pairs} = FMA
// RUN: %{expand}
// REDEFINE: %{target} = aarch64-neon
// REDEFINE: %{bytes} = PLAIN
// RUN: %{expand}

// Four rows at once: 16 lanes of sums for each, four registers, and one
// instruction for each of those. Signed products want signed weights.
// CHECK-LABEL: llvm.func @bytes(
// CHECK:       iter_args({{[^)]*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// USDOT-NOT:     arith.xori
// USDOT-COUNT-16: "llvm.aarch64.neon.usdot.v4i32.v16i8"({{.*}}) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
// SDOT:          arith.xori {{.*}} : vector<64xi8>
// SDOT-COUNT-16: "llvm.aarch64.neon.sdot.v4i32.v16i8"({{.*}}) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
// PLAIN-NOT:     llvm.call_intrinsic
// CHECK:       llvm.return
kernel.func @bytes(%x: !kernel.rows<64 x q8>, %w: !kernel.weight<128 x 64 x int8>, %y: !kernel.rows<128 x f32>)
    attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x q8>, !kernel.weight<128 x 64 x int8> to !kernel.rows<128 x f32>
}

// CHECK-LABEL: llvm.func @pairs(
// CHECK:       iter_args({{[^)]*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// BFDOT-COUNT-16: "llvm.aarch64.neon.bfdot.v4f32.v8bf16"({{.*}}) : (vector<4xf32>, vector<8xbf16>, vector<8xbf16>) -> vector<4xf32>
// FMA:           math.fma
// CHECK:       llvm.return
kernel.func @pairs(%x: !kernel.rows<64 x bf16>, %w: !kernel.weight<128 x 64 x bf16>, %y: !kernel.rows<128 x f32>)
    attributes {unit = #kernel.unit<one>, slices = 2 : i64} {
  kernel.matmul %x, %w to %y rows <row> epilogue <none> : !kernel.rows<64 x bf16>, !kernel.weight<128 x 64 x bf16> to !kernel.rows<128 x f32>
}
