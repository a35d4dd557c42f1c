// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @slice_columns_c1_before(%x: tensor<?x4xf32>) {
  // expected-error @below {{expects columns of the 4 of the input, but takes 2 from -1 on}}
  %y = gemma.slice_columns %x from -1 : tensor<?x4xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @slice_columns_c1_behind(%x: tensor<?x4xf32>) {
  // expected-error @below {{expects columns of the 4 of the input, but takes 2 from 3 on}}
  %y = gemma.slice_columns %x from 3 : tensor<?x4xf32> -> tensor<?x2xf32>
  return
}
