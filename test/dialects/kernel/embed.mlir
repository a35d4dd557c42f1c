// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @embed(
// CHECK: kernel.embed %{{.*}}, %{{.*}} scale 8.000000e+00 : !kernel.weight<512 x 64 x bf16> -> <64>
kernel.func @embed(%tokens: !kernel.list, %table: !kernel.weight<512 x 64 x bf16>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.embed %tokens, %table scale 8.0 : !kernel.weight<512 x 64 x bf16> -> !kernel.row<64>
}

// CHECK-LABEL: @embed_table(
// CHECK: kernel.embed %{{.*}}, %{{.*}} scale 1.000000e+00 fallback 3 : !kernel.table<512 x 40 x int4> -> <40>
kernel.func @embed_table(%tokens: !kernel.list, %table: !kernel.table<512 x 40 x int4>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.embed %tokens, %table scale 1.0 fallback 3 : !kernel.table<512 x 40 x int4> -> !kernel.row<40>
}
