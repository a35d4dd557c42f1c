// RUN: lapidary-opt %s | lapidary-opt | FileCheck %s

// CHECK-LABEL: @embed
// CHECK: kernel.embed %{{.*}}, %{{.*}} scale 8.000000e+00 : <512 x 64 x bf16> -> <64>
kernel.func @embed(%tokens: !kernel.list, %table: !kernel.weight<512 x 64 x bf16>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  %0 = kernel.embed %tokens, %table scale 8.0 : !kernel.weight<512 x 64 x bf16> -> !kernel.row<64>
}
