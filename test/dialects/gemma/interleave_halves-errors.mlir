// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @interleave_halves_c1_none(%x: tensor<8x4xf32>) {
  // expected-error @below {{expects 'blocks' to divide half of the 8 rows, but it is 0}}
  %y = gemma.interleave_halves %x blocks 0 : tensor<8x4xf32>
  return
}

// -----

func.func @interleave_halves_c1_odd(%x: tensor<8x4xf32>) {
  // expected-error @below {{expects 'blocks' to divide half of the 8 rows, but it is 8}}
  %y = gemma.interleave_halves %x blocks 8 : tensor<8x4xf32>
  return
}
