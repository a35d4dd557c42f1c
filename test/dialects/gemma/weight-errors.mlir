// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @weight_c1_missing() {
  // expected-error @below {{expects 'norm' to name a gemma.param, but there is none}}
  %w = gemma.weight @norm : tensor<64xf32>
  return
}

// -----

gemma.param @norm : tensor<64xbf16> from "model.safetensors" at 0

func.func @weight_c1_type() {
  // expected-error @below {{expects the type of 'norm', 'tensor<64xbf16>', but it is 'tensor<64xf32>'}}
  %w = gemma.weight @norm : tensor<64xf32>
  return
}
