// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @interleave_rows_c1(%a: tensor<2x4xf32>, %b: tensor<3x4xf32>) {
  // expected-error @below {{failed to verify that all of {even, odd} have same type}}
  %y = "gemma.interleave_rows"(%a, %b) : (tensor<2x4xf32>, tensor<3x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @interleave_rows_c2_type(%a: tensor<2x4xf32>) {
  // expected-error @below {{expects the result's elements to be 'f32', but they are 'bf16'}}
  %y = gemma.interleave_rows %a, %a : tensor<2x4xf32> -> tensor<4x4xbf16>
  return
}

// -----

func.func @interleave_rows_c2_columns(%a: tensor<2x4xf32>) {
  // expected-error @below {{expects the number of columns to be 4, but it is 8}}
  %y = gemma.interleave_rows %a, %a : tensor<2x4xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @interleave_rows_c2_rows(%a: tensor<2x4xf32>) {
  // expected-error @below {{expects the number of rows to be 4, but it is 2}}
  %y = gemma.interleave_rows %a, %a : tensor<2x4xf32> -> tensor<2x4xf32>
  return
}
