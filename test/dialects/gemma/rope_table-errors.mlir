// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

func.func @rope_table_c1(%batch: !gemma.batch) {
  // expected-error @below {{expects an even width, but it is 3}}
  %t = gemma.rope_table %batch base 1.0e4 factor 1.0 : tensor<?x3xf32>
  return
}

// -----

func.func @rope_table_c2(%batch: !gemma.batch) {
  // expected-error @below {{expects 'base' and 'factor' to be positive, but they are 1.000000e+04 and 0.000000e+00}}
  %t = gemma.rope_table %batch base 1.0e4 factor 0.0 : tensor<?x4xf32>
  return
}

// -----

func.func @rope_table_c3(%batch: !gemma.batch) {
  // expected-error @below {{expects 'pairs' to be 0 to 2, but it is 3}}
  %t = gemma.rope_table %batch base 1.0e4 factor 1.0 pairs(3) : tensor<?x4xf32>
  return
}

// -----

func.func @rope_table_c3_negative(%batch: !gemma.batch) {
  // expected-error @below {{expects 'pairs' to be 0 to 2, but it is -1}}
  %t = gemma.rope_table %batch base 1.0e4 factor 1.0 pairs(-1) : tensor<?x4xf32>
  return
}
