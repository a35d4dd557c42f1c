// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @convert_c1(%w: tensor<2x4xf32>) {
  // expected-error @below {{expects one shape, but the input has 'tensor<2x4xf32>' and the result 'tensor<4x2xbf16>'}}
  %y = gemma.convert %w : tensor<2x4xf32> -> tensor<4x2xbf16>
  return
}
