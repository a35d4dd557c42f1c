// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @causal_conv_c1_missing(%x: tensor<?x64xf32>, %w: tensor<256xf32>, %b: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects 'conv' to name a gemma.state, but there is none}}
  %y = gemma.causal_conv %x, %w, %b, %batch of @conv : tensor<?x64xf32>, tensor<256xf32>, tensor<64xf32>
  return
}

// -----

gemma.state @conv : tensor<3x32xf32>

func.func @causal_conv_c1_width(%x: tensor<?x64xf32>, %w: tensor<256xf32>, %b: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the width of the state to be 64, but it is 32}}
  %y = gemma.causal_conv %x, %w, %b, %batch of @conv : tensor<?x64xf32>, tensor<256xf32>, tensor<64xf32>
  return
}

// -----

gemma.state @conv : tensor<2x64xf32>

func.func @causal_conv_c2_weight(%x: tensor<?x64xf32>, %w: tensor<256xf32>, %b: tensor<64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the length of the weight to be 192, but it is 256}}
  %y = gemma.causal_conv %x, %w, %b, %batch of @conv : tensor<?x64xf32>, tensor<256xf32>, tensor<64xf32>
  return
}

// -----

gemma.state @conv : tensor<3x64xf32>

func.func @causal_conv_c2_bias(%x: tensor<?x64xf32>, %w: tensor<256xf32>, %b: tensor<1xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the length of the bias to be 64, but it is 1}}
  %y = gemma.causal_conv %x, %w, %b, %batch of @conv : tensor<?x64xf32>, tensor<256xf32>, tensor<1xf32>
  return
}
