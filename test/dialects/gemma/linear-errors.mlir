// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @linear_c1(%x: tensor<?x64xf32>, %w: tensor<8x32xf32>) {
  // expected-error @below {{expects the width of the input to be 32, but it is 64}}
  %y = gemma.linear %x, %w : tensor<?x64xf32>, tensor<8x32xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @linear_c2_rows(%x: tensor<4x64xf32>, %w: tensor<8x64xf32>) {
  // expected-error @below {{expects the number of rows of the result to be 4, but it is 5}}
  %y = gemma.linear %x, %w : tensor<4x64xf32>, tensor<8x64xf32> -> tensor<5x8xf32>
  return
}

// -----

func.func @linear_c2_width(%x: tensor<?x64xf32>, %w: tensor<8x64xf32>) {
  // expected-error @below {{expects the width of the result to be 8, but it is 64}}
  %y = gemma.linear %x, %w : tensor<?x64xf32>, tensor<8x64xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @linear_c3_norm(%x: tensor<?x64xf32>, %w: tensor<8x64xf32>, %n: tensor<8xf32>) {
  // expected-error @below {{expects the weight of 'norm' to have 64 elements, one per column, but it has 8}}
  %y = gemma.linear %x, %w norm(%n : tensor<8xf32>, <epsilon = 0.0 : f32, weight_offset = 0.0 : f32>) : tensor<?x64xf32>, tensor<8x64xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @linear_c3_post_norm(%x: tensor<?x64xf32>, %w: tensor<8x64xf32>, %n: tensor<64xf32>) {
  // expected-error @below {{expects the weight of 'post_norm' to have 8 elements, one per column, but it has 64}}
  %y = gemma.linear %x, %w post_norm(%n : tensor<64xf32>, <epsilon = 0.0 : f32, weight_offset = 0.0 : f32>) : tensor<?x64xf32>, tensor<8x64xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @linear_c3_constants(%x: tensor<?x64xf32>, %w: tensor<8x64xf32>, %n: tensor<64xf32>) {
  // expected-error @below {{expects weight and constants of 'norm' together, but one is missing}}
  %y = "gemma.linear"(%x, %w, %n) {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>} : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<64xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @linear_c4(%x: tensor<?x64xf32>, %w: tensor<8x64xf32>) {
  // expected-error @below {{expects the residual to be 'tensor<?x8xf32>', but it is 'tensor<?x64xf32>'}}
  %y = gemma.linear %x, %w add(%x : tensor<?x64xf32>) : tensor<?x64xf32>, tensor<8x64xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @linear_c5_float(%x: tensor<?x64xf32>, %w: tensor<8x64xf32>) {
  // expected-error @below {{expects the product type 'int8' for a quantized weight and only there, but it is 'int8' for 'tensor<8x64xf32>'}}
  %y = gemma.linear %x, %w {product = #gemma.product<int8>} : tensor<?x64xf32>, tensor<8x64xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @linear_c5_quantized(%x: tensor<?x64xf32>, %w: tensor<8x64x!gemma.quant<int4, group = 32>>) {
  // expected-error @below {{expects the product type 'int8' for a quantized weight and only there, but it is 'f32'}}
  %y = gemma.linear %x, %w : tensor<?x64xf32>, tensor<8x64x!gemma.quant<int4, group = 32>> -> tensor<?x8xf32>
  return
}

// -----

func.func @linear_c6(%x: tensor<?x64xf32>, %w: tensor<8x64xf32>) {
  // expected-error @below {{expects 'softcap' to be positive, but it is 0.000000e+00}}
  %y = gemma.linear %x, %w softcap(0.0) : tensor<?x64xf32>, tensor<8x64xf32> -> tensor<?x8xf32>
  return
}
