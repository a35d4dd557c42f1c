// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @select_rows_c1(%x: tensor<?x64xf32>, %batch: !gemma.batch) {
  // expected-error @below {{expects rows like those of 'tensor<?x64xf32>', but gives 'tensor<?x32xf32>'}}
  %y = gemma.select_rows %x, %batch : tensor<?x64xf32> -> tensor<?x32xf32>
  return
}
