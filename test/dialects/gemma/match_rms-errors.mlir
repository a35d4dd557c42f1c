// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @match_rms_c1(%x: tensor<?x64xf32>) {
  // expected-error @below {{expects 'floor' to be positive, but it is 0.000000e+00}}
  %y = gemma.match_rms %x, %x floor 0.0 : tensor<?x64xf32>
  return
}
