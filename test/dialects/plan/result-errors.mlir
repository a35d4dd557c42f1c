// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

plan.program @result_c1 rows(1, 16) block(16) {
  // expected-error @below {{expects dense rows, but they are in f32}}
  %x = plan.result 0 : !kernel.rows<64 x f32>
}

// -----

plan.program @result_c2 rows(1, 16) block(16) {
  // expected-error @below {{expects 'number' to be at least 0, but it is -1}}
  %x = plan.result -1 : !kernel.rows<64 x dense>
}
