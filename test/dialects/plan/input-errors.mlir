// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

plan.program @input_c1 rows(1, 16) block(16) {
  // expected-error @below {{expects 'number' to be at least 0, but it is -1}}
  %x = plan.input -1 : !kernel.rows<64 x f32>
}

// -----

plan.program @input_c2 rows(1, 16) block(16) {
  // expected-error @below {{expects rows in f32, but they are in dense}}
  %x = plan.input 0 : !kernel.rows<64 x dense>
}
