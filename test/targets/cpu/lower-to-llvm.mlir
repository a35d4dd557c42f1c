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

// CHECK-LABEL: llvm.func @rope_append(
kernel.func @rope_append(%qkv: !kernel.rows<128 x f32>, %table: !kernel.rows<16 x f32>, %qn: !kernel.vector<16>, %kn: !kernel.vector<16>, %q: !kernel.rows<64 x f32>,
    %pages: !kernel.pages, %positions: !kernel.list, %offset: !kernel.offset) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  kernel.rope_append %qkv, %table norms(%qn, %kn) query %q cache(%pages, %positions, %offset)
    {heads = 4 : i64, kv_heads = 2 : i64, head_dim = 16 : i64, epsilon = 1.0e-6 : f32, scale = 0.25 : f32, page_tokens = 64 : i64, kv_format = #kernel.kv_format<bf16>}
    : !kernel.rows<128 x f32>, !kernel.rows<16 x f32>, !kernel.vector<16>, !kernel.vector<16>, !kernel.rows<64 x f32>
}
