// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @substitute_c1(%x: tensor<3x8xf32>, %tokens: tensor<4xi32>, %row: tensor<8xf32>) {
  // expected-error @below {{expects the number of tokens to be 3, but it is 4}}
  %y = gemma.substitute %x, %tokens token 7 by %row : tensor<3x8xf32>, tensor<4xi32>, tensor<8xf32>
  return
}

// -----

func.func @substitute_c2(%x: tensor<3x8xf32>, %tokens: tensor<3xi32>, %row: tensor<4xf32>) {
  // expected-error @below {{expects the length of the row to be 8, but it is 4}}
  %y = gemma.substitute %x, %tokens token 7 by %row : tensor<3x8xf32>, tensor<3xi32>, tensor<4xf32>
  return
}
