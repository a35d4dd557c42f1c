// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @embed_c1(%tokens: !kernel.list, %table: !kernel.weight<512 x 64 x bf16>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the result to be 64, but it is 512}}
  %0 = kernel.embed %tokens, %table scale 8.0 : !kernel.weight<512 x 64 x bf16> -> !kernel.row<512>
}

// -----

kernel.func @embed_c1_table(%tokens: !kernel.list, %table: !kernel.table<512 x 40 x int8>) attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of the result to be 40, but it is 64}}
  %0 = kernel.embed %tokens, %table scale 8.0 : !kernel.table<512 x 40 x int8> -> !kernel.row<64>
}

// -----

kernel.func @embed_c2(%tokens: !kernel.list, %table: !kernel.weight<512 x 64 x bf16>) attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'row' or 'wanted', but it is 'block'}}
  %0 = kernel.embed %tokens, %table scale 8.0 : !kernel.weight<512 x 64 x bf16> -> !kernel.row<64>
}
