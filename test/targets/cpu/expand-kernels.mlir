// DEFINE: %{target} =
// DEFINE: %{prefixes} = CHECK
// DEFINE: %{expand} = lapidary-opt %s --cpu-expand-kernels=target=%{target} --cse | FileCheck %s --check-prefixes=%{prefixes} "--implicit-check-not={{ math\.(exp|tanh|sin|cos) }}"
// REDEFINE: %{target} = x86-64-v4
// RUN: %{expand}
// REDEFINE: %{target} = aarch64
// RUN: %{expand}
// REDEFINE: %{target} = x86-64-v3
// REDEFINE: %{prefixes} = CHECK,AVX2
// RUN: %{expand}
// REDEFINE: %{target} = alderlake
// REDEFINE: %{prefixes} = CHECK,VNNI256
// RUN: %{expand}
// REDEFINE: %{target} = icelake-server
// REDEFINE: %{prefixes} = CHECK,VNNI
// RUN: %{expand}

// Only kernels become code.
// CHECK-NOT: plan.
plan.program @text rows(1, 1) block(1) {
  %t = plan.step <tokens>
}

// A loop over slices; its row of 64 float32 lies 256 bytes after the one before.
// One loop adds squares, one scales the row and stores it in groups of 32.
// CHECK-LABEL: llvm.func @norm(
// CHECK-SAME:  %[[PLACES:[a-z0-9]+]]: !llvm.ptr {llvm.noalias}, %[[SIZES:[a-z0-9]+]]: !llvm.ptr {llvm.noalias}, %[[SCRATCH:[a-z0-9]+]]: !llvm.ptr {llvm.noalias}, %[[BEGIN:[a-z0-9]+]]: i64, %[[END:[a-z0-9]+]]: i64)
// CHECK:       %[[X:.*]] = llvm.load %[[PLACES]]
// CHECK:       scf.for %[[SLICE:.*]] = %[[BEGIN]] to %[[END]]
// CHECK:         %[[OFFSET:.*]] = arith.muli %[[SLICE]], %c256_i64
// CHECK:         %[[ROW:.*]] = llvm.getelementptr %[[X]][%[[OFFSET]]]
// CHECK:         scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>)
// CHECK:           math.fma
// CHECK:         math.sqrt
// CHECK:         scf.for
// CHECK-NOT:       scf.for
// CHECK-COUNT-2:   math.roundeven {{.*}} : vector<16xf32>
// CHECK-NOT:     scf.for
// CHECK:       llvm.return
kernel.func @norm(%x: !kernel.rows<64 x f32>, %w: !kernel.vector<64>, %y: !kernel.rows<64 x q8>)
    attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.load %x : !kernel.rows<64 x f32> -> !kernel.row<64>
  %1 = kernel.rms_norm %0, %w epsilon 1.0e-6 : !kernel.row<64>, !kernel.vector<64>
  kernel.store %1, %y : !kernel.row<64>, !kernel.rows<64 x q8>
}

// All rows of the step against the panels of a slice: sums carried in registers,
// hints ahead of each line. Only the product of bytes differs between machines.
// CHECK-LABEL: llvm.func @gated(
// CHECK-SAME:  %[[PLACES:[a-z0-9]+]]: !llvm.ptr {llvm.noalias}, %[[SIZES:[a-z0-9]+]]: !llvm.ptr {llvm.noalias},
// CHECK:       scf.for
// CHECK:         llvm.load %[[SIZES]] {{.*}} -> i64
// CHECK:         scf.for {{.*}} iter_args({{.*}}) -> ({{.*}}vector<16xf32>
// CHECK:           "llvm.intr.prefetch"
// CHECK:           llvm.load {{.*}} -> vector<64xi8>
// AVX2:            llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// VNNI256:         llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"
// VNNI:            llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// CHECK:         arith.divf {{.*}} : vector<16xf32>
// CHECK:       llvm.return
kernel.func @gated(%x: !kernel.rows<64 x q8>, %w: !kernel.weight<256 x 64 x int4>, %y: !kernel.rows<128 x q8>)
    attributes {unit = #kernel.unit<one>, slices = 4 : i64} {
  kernel.matmul %x, %w to %y rows <row> epilogue <gelu_mul> : !kernel.rows<64 x q8>, !kernel.weight<256 x 64 x int4> to !kernel.rows<128 x q8>
}

// The wanted rows, third of the sizes; the last columns of a row without padding
// are stored under a mask.
// CHECK-LABEL: llvm.func @head(
// CHECK-SAME:  %[[PLACES:[a-z0-9]+]]: !llvm.ptr {llvm.noalias}, %[[SIZES:[a-z0-9]+]]: !llvm.ptr {llvm.noalias},
// CHECK:       %[[COUNT:.*]] = llvm.getelementptr %[[SIZES]][16]
// CHECK:       llvm.load %[[COUNT]] {{.*}} -> i64
// CHECK-COUNT-4: llvm.intr.masked.store
// CHECK:       llvm.return
kernel.func @head(%x: !kernel.rows<64 x bf16>, %w: !kernel.weight<515 x 64 x bf16>, %y: !kernel.rows<515 x dense>)
    attributes {unit = #kernel.unit<one>, slices = 9 : i64} {
  kernel.matmul %x, %w to %y rows <wanted> epilogue <none> softcap 30.0 : !kernel.rows<64 x bf16>, !kernel.weight<515 x 64 x bf16> to !kernel.rows<515 x dense>
}

// Each of 8 strands by itself, page after page: products of blocks of keys, the
// greatest score, weights, the sum of values; then it is merged with the others.
// CHECK-LABEL: llvm.func @attention(
// CHECK:       %[[STRANDS:.*]] = arith.constant 8 : i64
// CHECK:       scf.for %{{.*}} to %[[STRANDS]]
// CHECK:         scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>
// CHECK:         vector.reduction <maxnumf>
// CHECK:         math.roundeven
// CHECK:         scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>
// CHECK:       arith.divf {{.*}} : vector<16xf32>
// CHECK:       llvm.return
kernel.func @attention(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<64 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 2 : i64} {
  kernel.attention %q to %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<64 x f32> to !kernel.rows<64 x f32>
}

// A slice is one strand, left in the result; products of keys that are bytes are
// those of the machine, and what is read next is fetched meanwhile.
// CHECK-LABEL: llvm.func @strands(
// CHECK:         "llvm.intr.prefetch"
// AVX2:          llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// VNNI:          llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// CHECK-NOT:     arith.divf {{.*}} : vector<16xf32>
// CHECK:       llvm.return
kernel.func @strands(%q: !kernel.rows<64 x f32>, %y: !kernel.rows<72 x f32>, %blocks: !kernel.list, %positions: !kernel.list, %pages: !kernel.pages, %offset: !kernel.offset)
    attributes {unit = #kernel.unit<block>, slices = 16 : i64} {
  kernel.attention %q to strands %y blocks(%blocks, %positions) cache(%pages, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, scale = 0.25 : f32, window = 512 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<int8>}
    : !kernel.rows<64 x f32> to !kernel.rows<72 x f32>
}

// The norms of a large head lie farther away than an address operation keeps as a
// constant of its own.
// CHECK-LABEL: llvm.func @far_norms(
// CHECK:       %[[FAR:.*]] = arith.constant 339738624 : i64
// CHECK:       llvm.getelementptr %{{.*}}[%[[FAR]]]
kernel.func @far_norms(%e: !kernel.rows<262144 x f32>, %t: !kernel.rows<64 x keys>, %y: !kernel.rows<4096 x keys>, %x: !kernel.rows<1152 x q8>, %w: !kernel.weight<262144 x 1152 x planes>)
    attributes {unit = #kernel.unit<wanted>, slices = 64 : i64} {
  kernel.contenders %e refined(%x, %w : !kernel.rows<1152 x q8>, !kernel.weight<262144 x 1152 x planes>) above %t to %y : !kernel.rows<262144 x f32>, !kernel.rows<64 x keys> to !kernel.rows<4096 x keys>
}
