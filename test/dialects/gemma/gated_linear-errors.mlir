// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @gated_linear_c1(%x: tensor<?x64xf32>, %w: tensor<8x32xf32>) {
  // expected-error @below {{expects the width of the input to be 32, but it is 64}}
  %y = gemma.gated_linear %x, %w : tensor<?x64xf32>, tensor<8x32xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @gated_linear_c2_rows(%x: tensor<4x64xf32>, %w: tensor<8x64xf32>) {
  // expected-error @below {{expects the number of rows of the result to be 4, but it is 5}}
  %y = gemma.gated_linear %x, %w : tensor<4x64xf32>, tensor<8x64xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @gated_linear_c2_width(%x: tensor<?x64xf32>, %w: tensor<8x64xf32>) {
  // expected-error @below {{expects twice the width of the result to be 8, but it is 16}}
  %y = gemma.gated_linear %x, %w : tensor<?x64xf32>, tensor<8x64xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @gated_linear_c3(%x: tensor<?x64xf32>, %w: tensor<8x64xf32>, %n: tensor<8xf32>) {
  // expected-error @below {{expects the weight of 'norm' to have 64 elements, one per column, but it has 8}}
  %y = gemma.gated_linear %x, %w norm(%n : tensor<8xf32>, <epsilon = 0.0 : f32, weight_offset = 0.0 : f32>) : tensor<?x64xf32>, tensor<8x64xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @gated_linear_c4(%x: tensor<?x64xf32>, %w: tensor<8x64x!gemma.quant<int8, group = 32>>) {
  // expected-error @below {{expects the product type 'int8' for a quantized weight and only there, but it is 'bf16'}}
  %y = gemma.gated_linear %x, %w {product = #gemma.product<bf16>} : tensor<?x64xf32>, tensor<8x64x!gemma.quant<int8, group = 32>> -> tensor<?x4xf32>
  return
}
