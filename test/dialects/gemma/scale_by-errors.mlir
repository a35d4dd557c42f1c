// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @scale_by_c1(%x: tensor<?x64xf32>, %w: tensor<32xf32>) {
  // expected-error @below {{expects the weight to have 1 or 64 elements, but it has 32}}
  %y = gemma.scale_by %x, %w : tensor<?x64xf32>, tensor<32xf32>
  return
}
