// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @rope_c1_wide(%x: tensor<?x2x4xf32>, %t: tensor<?x8xf32>) {
  // expected-error @below {{expects the width of the table to be even and at most 4, but it is 8}}
  %y = gemma.rope %x, %t : tensor<?x2x4xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @rope_c1_odd(%x: tensor<?x2x4xf32>, %t: tensor<?x3xf32>) {
  // expected-error @below {{expects the width of the table to be even and at most 4, but it is 3}}
  %y = gemma.rope %x, %t : tensor<?x2x4xf32>, tensor<?x3xf32>
  return
}
