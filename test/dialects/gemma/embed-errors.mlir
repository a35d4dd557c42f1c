// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @embed_c1(%tokens: tensor<3xi32>, %table: tensor<4x2xf32>) {
  // expected-error @below {{expects the number of rows to be 3, but it is 4}}
  %x = gemma.embed %tokens, %table scale 1.0 : tensor<3xi32>, tensor<4x2xf32> -> tensor<4x2xf32>
  return
}

// -----

func.func @embed_c2(%tokens: tensor<?xi32>, %table: tensor<4x2xf32>) {
  // expected-error @below {{expects the width to be 2, but it is 8}}
  %x = gemma.embed %tokens, %table scale 1.0 : tensor<?xi32>, tensor<4x2xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @embed_c3(%tokens: tensor<?xi32>, %table: tensor<4x2xf32>) {
  // expected-error @below {{expects 'fallback' to be one of the 4 rows, but it is 4}}
  %x = gemma.embed %tokens, %table scale 1.0 fallback(4) : tensor<?xi32>, tensor<4x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @embed_c3_negative(%tokens: tensor<?xi32>, %table: tensor<4x2xf32>) {
  // expected-error @below {{expects 'fallback' to be one of the 4 rows, but it is -1}}
  %x = gemma.embed %tokens, %table scale 1.0 fallback(-1) : tensor<?xi32>, tensor<4x2xf32> -> tensor<?x2xf32>
  return
}
