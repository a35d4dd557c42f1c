// RUN: lapidary-opt %s --split-input-file --verify-diagnostics

plan.program @rope_frequencies_c1_base rows(1, 16) block(16) {
  // expected-error @below {{expects 'base' to be positive, but it is 0.0}}
  %f = plan.rope_frequencies base 0.0 factor 1.0 pairs 32 : !kernel.vector<32>
}

// -----

plan.program @rope_frequencies_c1_factor rows(1, 16) block(16) {
  // expected-error @below {{expects 'factor' to be positive, but it is -1.0}}
  %f = plan.rope_frequencies base 1.0e4 factor -1.0 pairs 32 : !kernel.vector<32>
}

// -----

plan.program @rope_frequencies_c2 rows(1, 16) block(16) {
  // expected-error @below {{expects 'offset' to be a multiple of 64 and at least 0, but it is 8}}
  %f = plan.rope_frequencies base 1.0e4 factor 1.0 pairs 32 at 8 : !kernel.vector<32>
}

// -----

plan.program @rope_frequencies_c3 rows(1, 16) block(16) {
  // expected-error @below {{expects 'pairs' to be 0 to 32, but it is 33}}
  %f = plan.rope_frequencies base 1.0e4 factor 1.0 pairs 33 : !kernel.vector<32>
}

// -----

plan.program @rope_frequencies_c3_negative rows(1, 16) block(16) {
  // expected-error @below {{expects 'pairs' to be 0 to 32, but it is -1}}
  %f = plan.rope_frequencies base 1.0e4 factor 1.0 pairs -1 : !kernel.vector<32>
}
