// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @softplus_c1(%v: tensor<8xbf16>) {
  // expected-error @below {{expects the length of the result to be 8, but it is 4}}
  %w = gemma.softplus %v : tensor<8xbf16> -> tensor<4xf32>
  return
}
