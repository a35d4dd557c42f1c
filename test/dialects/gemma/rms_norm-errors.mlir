// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @rms_norm_c1(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // expected-error @below {{failed to verify that all of {input, result} have same type}}
  %y = "gemma.rms_norm"(%x, %w) {norm = #gemma.norm<epsilon = 0.0 : f32, weight_offset = 1.0 : f32>} : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x32xf32>
  return
}

// -----

func.func @rms_norm_c2(%x: tensor<?x64xf32>, %w: tensor<48xf32>) {
  // expected-error @below {{expects the weight's length to divide the 64 columns, but it is 48}}
  %y = gemma.rms_norm %x, %w, <epsilon = 0.0 : f32, weight_offset = 1.0 : f32> : tensor<?x64xf32>, tensor<48xf32>
  return
}

// -----

func.func @rms_norm_c3(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // expected-error @below {{expects the epsilon of 'norm' to be at least 0, but it is -1}}
  %y = gemma.rms_norm %x, %w, <epsilon = -1.0 : f32, weight_offset = 1.0 : f32> : tensor<?x64xf32>, tensor<64xf32>
  return
}
