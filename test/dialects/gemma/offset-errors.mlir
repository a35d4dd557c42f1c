// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @offset_c1(%v: tensor<8xbf16>) {
  // expected-error @below {{expects the length to be 8, but it is 4}}
  %w = gemma.offset %v by 1.0 : tensor<8xbf16> -> tensor<4xf32>
  return
}
