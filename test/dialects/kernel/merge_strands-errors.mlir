// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

kernel.func @merge_strands_c1(%x: !kernel.rows<72 x bf16>)
    attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'strands' in f32, but it is in bf16}}
  %0 = kernel.merge_strands %x {heads = 4 : i64} : !kernel.rows<72 x bf16> -> !kernel.row<64>
}

// -----

kernel.func @merge_strands_c2_heads(%x: !kernel.rows<72 x f32>)
    attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects 'heads' to divide the width of 64, but they are 3}}
  %0 = kernel.merge_strands %x {heads = 3 : i64} : !kernel.rows<72 x f32> -> !kernel.row<64>
}

// -----

kernel.func @merge_strands_c2_width(%x: !kernel.rows<64 x f32>)
    attributes {unit = #kernel.unit<row>, slices = 1 : i64} {
  // expected-error @below {{expects the width of 'strands' to be 72, but it is 64}}
  %0 = kernel.merge_strands %x {heads = 4 : i64} : !kernel.rows<64 x f32> -> !kernel.row<64>
}

// -----

kernel.func @merge_strands_c3(%x: !kernel.rows<72 x f32>)
    attributes {unit = #kernel.unit<block>, slices = 1 : i64} {
  // expected-error @below {{expects a kernel whose unit is 'row' or 'wanted', but it is 'block'}}
  %0 = kernel.merge_strands %x {heads = 4 : i64} : !kernel.rows<72 x f32> -> !kernel.row<64>
}
