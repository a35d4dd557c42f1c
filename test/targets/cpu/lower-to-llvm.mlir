// Nothing but the llvm dialect is left, and nothing that another library would
// have to compute.
// DEFINE: %{target} =
// DEFINE: %{lower} = lapidary-opt %s --cpu-expand-kernels=target=%{target} --cpu-lower-to-llvm | FileCheck %s "--implicit-check-not={{ (arith|math|scf|cf|vector|builtin)\.}}" "--implicit-check-not=llvm.call @"
// REDEFINE: %{target} = x86-64-v4
// RUN: %{lower}
// REDEFINE: %{target} = x86-64-v3
// RUN: %{lower}
// REDEFINE: %{target} = aarch64
// RUN: %{lower}

// CHECK-LABEL: llvm.func @rope_table(
// CHECK:       llvm.intr.fma{{.*}} vector<16xf64>
kernel.func @rope_table(%positions: !kernel.list, %f: !kernel.vector<32>, %y: !kernel.rows<64 x f32>)
    attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.rope_table %positions, %f : !kernel.vector<32> -> !kernel.row<64>
  kernel.store %0, %y : !kernel.row<64>, !kernel.rows<64 x f32>
}

// CHECK-LABEL: llvm.func @embed(
kernel.func @embed(%tokens: !kernel.list, %table: !kernel.weight<512 x 64 x int4>, %x: !kernel.rows<64 x bf16>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.embed %tokens, %table scale 8.0 : !kernel.weight<512 x 64 x int4> -> !kernel.row<64>
  kernel.store %0, %x : !kernel.row<64>, !kernel.rows<64 x bf16>
}

// CHECK-LABEL: llvm.func @lookup(
kernel.func @lookup(%tokens: !kernel.list, %table: !kernel.table<512 x 40 x int4>, %x: !kernel.rows<40 x q8>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.embed %tokens, %table scale 8.0 fallback 3 : !kernel.table<512 x 40 x int4> -> !kernel.row<40>
  kernel.store %0, %x : !kernel.row<40>, !kernel.rows<40 x q8>
}

// CHECK-LABEL: llvm.func @layer(
kernel.func @layer(%qkv: !kernel.rows<64 x f32>, %t: !kernel.rows<16 x f32>, %n: !kernel.vector<16>, %one: !kernel.vector<1>, %y: !kernel.rows<32 x f32>, %at: !kernel.offset,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %table = kernel.load %t : !kernel.rows<16 x f32> -> !kernel.row<16>
  %0 = kernel.load %qkv offset %at : !kernel.rows<64 x f32> -> !kernel.row<32>
  %1 = kernel.rms_norm %0, %n epsilon 1.0e-6 : !kernel.row<32>, !kernel.vector<16>
  %2 = kernel.rope %1, %table {head_dim = 16 : i64} : !kernel.row<32>, !kernel.row<16>
  kernel.append %2, %0 cache(%pages, %positions, %offset)
    {heads = 2 : i64, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>} : !kernel.row<32>
  %3 = kernel.gelu %0 : !kernel.row<32>
  %4 = kernel.softcap %3 at 30.0 : !kernel.row<32>
  %5 = kernel.gaussian_topk %4 above 1.5 : !kernel.row<32>
  %6 = kernel.mul %5, %0 : !kernel.row<32>
  %7 = kernel.scale %6 by 0.5 : !kernel.row<32>
  %8 = kernel.scale_by %7, %one : !kernel.row<32>, !kernel.vector<1>
  %9 = kernel.match_rms %8, %0 floor 1.0e-5 : !kernel.row<32>
  %10 = kernel.weighted_sum %table from 2 of %9, %0 : !kernel.row<16>, !kernel.row<32>, !kernel.row<32> -> !kernel.row<32>
  kernel.store %10, %y : !kernel.row<32>, !kernel.rows<32 x f32>
}

// CHECK-LABEL: llvm.func @embedding(
kernel.func @embedding(%x: !kernel.rows<40 x f32>, %wanted: !kernel.list, %positions: !kernel.list, %ends: !kernel.list, %y: !kernel.rows<40 x dense>) attributes {unit = #kernel.unit<wanted>, slices = 1 : i64} {
  %0 = kernel.mean %x of(%wanted, %positions, %ends) : !kernel.rows<40 x f32> -> !kernel.row<40>
  %1 = kernel.l2_norm %0 : !kernel.row<40>
  kernel.store %1, %y : !kernel.row<40>, !kernel.rows<40 x dense>
}
