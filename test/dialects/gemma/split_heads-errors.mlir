// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @split_heads_c1(%x: tensor<?x6xf32>) {
  // expected-error @below {{expects the number of rows of a result to be}}
  %q = gemma.split_heads %x : tensor<?x6xf32> -> tensor<2x3x2xf32>
  return
}

// -----

func.func @split_heads_c2(%x: tensor<?x6xf32>) {
  // expected-error @below {{expects the width of all heads to be 6, but it is 4}}
  %q, %k = gemma.split_heads %x : tensor<?x6xf32> -> tensor<?x1x2xf32>, tensor<?x1x2xf32>
  return
}
