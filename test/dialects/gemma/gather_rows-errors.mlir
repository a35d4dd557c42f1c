// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @gather_rows_c1(%x: tensor<8x4xf32>, %order: tensor<4xi64>) {
  // expected-error @below {{expects the length of the order to be 8, but it is 4}}
  %y = gemma.gather_rows %x, %order : tensor<8x4xf32>, tensor<4xi64>
  return
}
