// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @mean_rows_c1(%x: tensor<?x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects the width to be 64, but it is 32}}
  %y = gemma.mean_rows %x, %batch : tensor<?x64xf32> -> tensor<?x32xf32>
  return
}
