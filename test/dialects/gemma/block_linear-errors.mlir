// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @block_linear_c1_blocks(%x: tensor<?x64xf32>, %w: tensor<64x16xf32>) {
  // expected-error @below {{expects 'blocks' to divide the 64 columns of the input, but it is 3}}
  %y = gemma.block_linear %x, %w blocks 3 : tensor<?x64xf32>, tensor<64x16xf32> -> tensor<?x48xf32>
  return
}

// -----

func.func @block_linear_c1_rows(%x: tensor<?x64xf32>, %w: tensor<16x16xf32>) {
  // expected-error @below {{expects the number of rows of the weight to be 64, but it is 16}}
  %y = gemma.block_linear %x, %w blocks 4 : tensor<?x64xf32>, tensor<16x16xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @block_linear_c2(%x: tensor<?x64xf32>, %w: tensor<64x16xf32>) {
  // expected-error @below {{expects the width of the result to be 64, but it is 16}}
  %y = gemma.block_linear %x, %w blocks 4 : tensor<?x64xf32>, tensor<64x16xf32> -> tensor<?x16xf32>
  return
}
