// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @bias_c1(%x: tensor<?x64xf32>, %b: tensor<1xf32>) {
  // expected-error @below {{expects the length of the weight to be 64, but it is 1}}
  %y = gemma.bias %x, %b : tensor<?x64xf32>, tensor<1xf32>
  return
}
