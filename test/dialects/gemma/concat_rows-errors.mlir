// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @concat_rows_c1_columns(%a: tensor<2x4xf32>, %b: tensor<2x8xf32>) {
  // expected-error @below {{expects the number of columns of an input to be 4, but it is 8}}
  %y = gemma.concat_rows %a, %b : tensor<2x4xf32>, tensor<2x8xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @concat_rows_c1_type(%a: tensor<2x4xf32>, %b: tensor<2x4xbf16>) {
  // expected-error @below {{expects one element type, but an input has 'bf16' and the result 'f32'}}
  %y = gemma.concat_rows %a, %b : tensor<2x4xf32>, tensor<2x4xbf16> -> tensor<4x4xf32>
  return
}

// -----

func.func @concat_rows_c2(%a: tensor<2x4xf32>) {
  // expected-error @below {{expects the number of rows to be 4, but it is 5}}
  %y = gemma.concat_rows %a, %a : tensor<2x4xf32>, tensor<2x4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @concat_rows_c3() {
  // expected-error @below {{expects at least one input}}
  %y = "gemma.concat_rows"() : () -> tensor<0x4xf32>
  return
}
