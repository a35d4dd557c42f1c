// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @rope_c1(%x: tensor<?x2x4xf32>, %t: tensor<?x8xf32>) {
  // expected-error @below {{expects the width of the table to be 4, but it is 8}}
  %y = gemma.rope %x, %t : tensor<?x2x4xf32>, tensor<?x8xf32>
  return
}
