// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

plan.program @buffer_c1 rows(1, 16) block(16) {
  // expected-error @below {{expects rows with padding, but they are dense}}
  %x = plan.buffer "x" : !kernel.rows<64 x dense>
}

// -----

plan.program @buffer_c2 rows(1, 16) block(16) {
  // expected-error @below {{expects 'offset' to be a multiple of 64 and at least 0, but it is 32}}
  %x = plan.buffer "x" at 32 : !kernel.rows<64 x f32>
}

// -----

plan.program @buffer_c4 rows(1, 16) block(16) {
  // expected-error @below {{expects 'few' to be at least 1, but it is 0}}
  %x = plan.buffer "x" few 0 : !kernel.rows<64 x f32>
}
